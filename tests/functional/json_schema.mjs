// The part of JSON Schema that docs/api/openapi.json uses. A keyword it does not know is an error, so nothing goes
// unchecked.
const kNotes = new Set(["description", "format"]);

const type_of = (value) => {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return Number.isInteger(value) ? "integer" : typeof value;
};

const kKeywords = {
  type: (types, value) => [types].flat().includes(type_of(value)) || (types === "number" && typeof value === "number"),
  enum: (values, value) => values.includes(value),
  pattern: (pattern, value) => typeof value !== "string" || new RegExp(pattern).test(value),
  minItems: (count, value) => value.length >= count,
  maxItems: (count, value) => value.length <= count,
  minimum: (bound, value) => value >= bound,
  maximum: (bound, value) => value <= bound,
  minLength: (count, value) => value.length >= count,
  maxLength: (count, value) => value.length <= count,
};

/** What of `value` is not as `schema` says, as texts with the place in front. */
export function differences(document, schema, value, place = "$") {
  if (schema.$ref) return differences(document, resolve(document, schema.$ref), value, place);
  const inside = { properties, required, additionalProperties, items, oneOf };
  return Object.entries(schema).flatMap(([keyword, rule]) => {
    if (kNotes.has(keyword)) return [];
    if (inside[keyword]) return inside[keyword](document, rule, value, place, schema);
    if (!kKeywords[keyword]) return [`${place}: the schema's keyword ${keyword} is not known here`];
    if (kKeywords[keyword](rule, value)) return [];
    return [`${place}: ${JSON.stringify(value)} is not ${keyword} ${JSON.stringify(rule)}`];
  });
}

function resolve(document, reference) {
  return reference.slice(2).split("/").reduce((at, name) => at[name], document);
}

function properties(document, rules, value, place) {
  if (type_of(value) !== "object") return [];
  const present = Object.entries(rules).filter(([name]) => name in value);
  return present.flatMap(([name, rule]) => differences(document, rule, value[name], `${place}.${name}`));
}

function required(_, names, value, place) {
  if (type_of(value) !== "object") return [];
  return names.filter((name) => !(name in value)).map((name) => `${place}: ${name} is missing`);
}

function additionalProperties(document, rule, value, place, schema) {
  if (type_of(value) !== "object") return [];
  const more = Object.keys(value).filter((name) => !(name in (schema.properties ?? {})));
  if (rule === false) return more.map((name) => `${place}: ${name} is not described`);
  return rule === true ? [] : more.flatMap((name) => differences(document, rule, value[name], `${place}.${name}`));
}

function items(document, rule, value, place) {
  return Array.isArray(value) ? value.flatMap((item, i) => differences(document, rule, item, `${place}[${i}]`)) : [];
}

function oneOf(document, rules, value, place) {
  const tried = rules.map((rule) => differences(document, rule, value, place));
  if (tried.filter((found) => found.length === 0).length === 1) return [];
  return [`${place}: does not fit one of oneOf: ${tried.flat().join("; ")}`];
}

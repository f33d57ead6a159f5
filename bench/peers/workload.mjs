// The workload of every peer, as of bench/windows_bench.cc and bench/policy_bench.cc: who asks for what, ten windows, twelve rules.
export const kAccounts = 100_000;
export const kDestinations = 200_000;
export const kAssets = 20;
export const kWallets = 8;
export const kWeekSeconds = 7 * 86_400;
export const kMostUsd = 1_000;

/** Each rule in the syntax that CEL and JavaScript share, over the variables of features(). */
export const kRules = [
  ["listed", "listed || sanctioned"],
  ["burst", "c1m_count >= 5"],
  ["many", "c1h_count >= 20"],
  ["hour", "c1h_sum + value > 50000.0"],
  ["day", "c24h_sum + value > 100000.0"],
  ["week", "c7d_sum + value > 400000.0"],
  ["shared", "d24h_count >= 10 && d24h_sum > 20000.0"],
  ["asset_hour", "a1h_sum + value > 90000000.0"],
  ["wallet_hour", "w1h_sum + value > 90000000.0"],
  ["wallet_day", "w24h_sum + value > 900000000.0"],
  ["share", "value * 4.0 > wallet_balance"],
  ["large_at_night", "value > 950.0 && hour < 3 && d24h_count == 0"],
];

/** Seeded, so that every peer sees the same (mulberry32). */
export function random_numbers(seed) {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below;
  };
}

/** What the rules ask about one withdrawal, with a week of a million behind it. Money in dollars. */
export function features(random) {
  const whole = (below) => Math.floor(random(below));
  return {
    listed: false, sanctioned: false, value: random(kMostUsd), wallet_balance: 5e6, hour: whole(24),
    c1m_count: whole(2), c1h_count: whole(3), c1h_sum: random(1e3), c24h_sum: random(3e3), c7d_sum: random(1e4),
    d24h_count: whole(3), d24h_sum: random(2e3), a1h_sum: random(3e5), w1h_sum: random(8e5), w24h_sum: random(1.8e7),
  };
}

export const percentile = (values, part) => [...values].sort((a, b) => a - b)[Math.floor(part * (values.length - 1))];

-- Withdrawals decided inside of PostgreSQL: ten exact windows by index, twelve rules, the hold and the record, in one transaction.
CREATE TABLE withdrawal (id bigserial PRIMARY KEY, account int NOT NULL, destination int NOT NULL, asset int NOT NULL, wallet int NOT NULL,
  value bigint NOT NULL, at timestamptz NOT NULL, fired text[]);
CREATE TABLE balance (account int PRIMARY KEY, free bigint NOT NULL, held bigint NOT NULL DEFAULT 0);
CREATE TABLE entry (withdrawal bigint NOT NULL, account int NOT NULL, kind text NOT NULL, value bigint NOT NULL);
CREATE TABLE bad (destination int PRIMARY KEY);

INSERT INTO balance SELECT n, 100000000000 FROM generate_series(1, :accounts) n;
INSERT INTO withdrawal (account, destination, asset, wallet, value, at)
  SELECT 1 + floor(random() * :accounts), 1 + floor(random() * :destinations), 1 + floor(random() * :assets),
    1 + floor(random() * :wallets), 1 + floor(random() * 100000), now() - interval '7 days' * (1 - n::float / :history)
  FROM generate_series(1, :history) n;
CREATE INDEX ON withdrawal (account, at) INCLUDE (value);
CREATE INDEX ON withdrawal (destination, at) INCLUDE (value);
CREATE INDEX ON withdrawal (asset, at) INCLUDE (value);
CREATE INDEX ON withdrawal (wallet, at) INCLUDE (value);

CREATE FUNCTION decide(_account int, _destination int, _asset int, _wallet int, _value bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  c1m_count bigint; c1h_count bigint; c1h_sum numeric; c24h_sum numeric; c7d_sum numeric;
  d24h_count bigint; d24h_sum numeric; a1h_sum numeric; w1h_sum numeric; w24h_sum numeric;
  _free bigint; _id bigint; _fired text[];
BEGIN
  SELECT free INTO _free FROM balance WHERE account = _account FOR UPDATE;
  IF _free < _value THEN RETURN false; END IF;
  SELECT count(*) FILTER (WHERE at > now() - interval '1 minute'), count(*) FILTER (WHERE at > now() - interval '1 hour'),
      coalesce(sum(value) FILTER (WHERE at > now() - interval '1 hour'), 0), coalesce(sum(value) FILTER (WHERE at > now() - interval '1 day'), 0),
      coalesce(sum(value), 0)
    INTO c1m_count, c1h_count, c1h_sum, c24h_sum, c7d_sum FROM withdrawal WHERE account = _account AND at > now() - interval '7 days';
  SELECT count(*), coalesce(sum(value), 0) INTO d24h_count, d24h_sum
    FROM withdrawal WHERE destination = _destination AND at > now() - interval '1 day';
  SELECT coalesce(sum(value), 0) INTO a1h_sum FROM withdrawal WHERE asset = _asset AND at > now() - interval '1 hour';
  SELECT coalesce(sum(value) FILTER (WHERE at > now() - interval '1 hour'), 0), coalesce(sum(value), 0) INTO w1h_sum, w24h_sum
    FROM withdrawal WHERE wallet = _wallet AND at > now() - interval '1 day';
  _fired := array_remove(ARRAY[
    CASE WHEN EXISTS (SELECT FROM bad WHERE destination = _destination) THEN 'listed' END,
    CASE WHEN c1m_count >= 5 THEN 'burst' END,
    CASE WHEN c1h_count >= 20 THEN 'many' END,
    CASE WHEN c1h_sum + _value > 5000000 THEN 'hour' END,
    CASE WHEN c24h_sum + _value > 10000000 THEN 'day' END,
    CASE WHEN c7d_sum + _value > 40000000 THEN 'week' END,
    CASE WHEN d24h_count >= 10 AND d24h_sum > 2000000 THEN 'shared' END,
    CASE WHEN a1h_sum + _value > 9000000000 THEN 'asset_hour' END,
    CASE WHEN w1h_sum + _value > 9000000000 THEN 'wallet_hour' END,
    CASE WHEN w24h_sum + _value > 90000000000 THEN 'wallet_day' END,
    CASE WHEN _value * 4 > 500000000 THEN 'share' END,
    CASE WHEN _value > 95000 AND extract(hour FROM now()) < 3 AND d24h_count = 0 THEN 'large_at_night' END], NULL);
  INSERT INTO withdrawal (account, destination, asset, wallet, value, at, fired)
    VALUES (_account, _destination, _asset, _wallet, _value, now(), _fired) RETURNING id INTO _id;
  UPDATE balance SET free = free - _value, held = held + _value WHERE account = _account;
  INSERT INTO entry VALUES (_id, _account, 'available', -_value), (_id, _account, 'held', _value);
  RETURN _fired = '{}';
END $$;
VACUUM ANALYZE;

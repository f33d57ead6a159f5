-- One withdrawal: ten windows, twelve rules, the hold and the record, in one step. Windows of accounts and destinations are exact
-- (sorted sets); those of assets and wallets are exact to a minute (24 h: to an hour). 1: allowed; 0: a rule fired; -1: no money.
--   ARGV: account, destination, asset, wallet, value in cents, second
local account, destination, asset, wallet = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local value, now = tonumber(ARGV[5]), tonumber(ARGV[6])

local function exact(key, longest, lengths)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - longest)
  local members = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
  local counts, sums = {}, {}
  for n = 1, #lengths do counts[n], sums[n] = 0, 0 end
  for i = 1, #members, 2 do
    local amount, at = tonumber(string.match(members[i], ':(%d+)$')), tonumber(members[i + 1])
    for n, length in ipairs(lengths) do
      if at > now - length then counts[n], sums[n] = counts[n] + 1, sums[n] + amount end
    end
  end
  return counts, sums
end

local function in_buckets(key, seconds, count)
  local fields, last = {}, math.floor(now / seconds)
  for n = 0, count - 1 do fields[n + 1] = last - n end
  local sum = 0
  for _, part in ipairs(redis.call('HMGET', key, unpack(fields))) do sum = sum + (tonumber(part) or 0) end
  return sum
end

local c_count, c_sum = exact('c:' .. account, 604800, {60, 3600, 86400, 604800})
local d_count, d_sum = exact('d:' .. destination, 86400, {86400})
local a1h = in_buckets('am:' .. asset, 60, 60)
local w1h, w24h = in_buckets('wm:' .. wallet, 60, 60), in_buckets('wh:' .. wallet, 3600, 24)

local fired = {}
local function rule(name, holds) if holds then fired[#fired + 1] = name end end
rule('listed', redis.call('SISMEMBER', 'bad', destination) == 1)
rule('burst', c_count[1] >= 5)
rule('many', c_count[2] >= 20)
rule('hour', c_sum[2] + value > 5000000)
rule('day', c_sum[3] + value > 10000000)
rule('week', c_sum[4] + value > 40000000)
rule('shared', d_count[1] >= 10 and d_sum[1] > 2000000)
rule('asset_hour', a1h + value > 9000000000)
rule('wallet_hour', w1h + value > 9000000000)
rule('wallet_day', w24h + value > 90000000000)
rule('share', value * 4 > 500000000)
rule('large_at_night', value > 95000 and now % 86400 < 10800 and d_count[1] == 0)

local free = tonumber(redis.call('HGET', 'free', account) or '100000000000')
if free < value then return -1 end
local id = redis.call('INCR', 'id')
redis.call('HSET', 'free', account, free - value)
redis.call('HINCRBY', 'held', account, value)
local member = id .. ':' .. value
redis.call('ZADD', 'c:' .. account, now, member)
redis.call('ZADD', 'd:' .. destination, now, member)
redis.call('HINCRBY', 'am:' .. asset, math.floor(now / 60), value)
redis.call('HINCRBY', 'wm:' .. wallet, math.floor(now / 60), value)
redis.call('HINCRBY', 'wh:' .. wallet, math.floor(now / 3600), value)
redis.call('XADD', 'decisions', '*', 'id', id, 'account', account, 'value', value, 'fired', table.concat(fired, ','))
return #fired == 0 and 1 or 0

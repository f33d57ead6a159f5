-- So many withdrawals of before, into the windows alone. ARGV: first number, count, seconds between two, second of the first, then limits.
local first, count, step, begin = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
math.randomseed(first)
for n = first, first + count - 1 do
  local at, value = begin + n * step, math.random(100000)
  local member = 'h' .. n .. ':' .. value
  redis.call('ZADD', 'c:' .. math.random(ARGV[5]), at, member)
  local destination = 'd:' .. math.random(ARGV[6])
  local asset, wallet = math.random(ARGV[7]), math.random(ARGV[8])
  if at > begin + 518400 then redis.call('ZADD', destination, at, member) end
  redis.call('HINCRBY', 'am:' .. asset, math.floor(at / 60), value)
  redis.call('HINCRBY', 'wm:' .. wallet, math.floor(at / 60), value)
  redis.call('HINCRBY', 'wh:' .. wallet, math.floor(at / 3600), value)
end
return count

"""What the server does in one go, in Lua. No script stops half-way: each looks at everything before it writes.

The names of rows that a script finds for itself cannot be among its KEYS, which only a cluster would need.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from redis.exceptions import NoScriptError


@dataclass(frozen=True, slots=True)
class Script:
    """A script by the name that reports give it."""

    name: str
    text: str
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        digest = hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest()
        object.__setattr__(self, "digest", digest)

    def run(self, client: Any, keys: Sequence[bytes], arguments: Sequence[Any]) -> Any:
        """Run it by its digest; a server that does not know it (any more) is told its text."""
        try:
            return client.evalsha(self.digest, len(keys), *keys, *arguments)
        except NoScriptError:
            return client.eval(self.text, len(keys), *keys, *arguments)


_COUNT_UP = r"""
local function count_up(counter, given)
  local now = redis.call('GET', counter) or '0'
  if #given > #now or (#given == #now and given > now) then redis.call('SET', counter, given) end
end
"""
"""Keys are compared as digits: a number of Lua has no more than 53 bits."""

WRITE = Script(
    "write",
    _COUNT_UP
    + r"""
local k, a = 0, 0
local function key() k = k + 1; return KEYS[k] end
local function argument() a = a + 1; return ARGV[a] end
local function values(number)
  local mask, row = argument(), {}
  if mask == '' then return nil end
  for i = 1, number do row[i] = string.byte(mask, i) == 49 and argument() end
  return row
end
local function add(list, one, other)
  list[#list + 1] = one
  list[#list + 1] = other
end
local function in_parts(command, words, ...)
  local sum = 0
  for first = 1, #words, 1000 do
    local part = {...}
    for i = first, math.min(first + 999, #words) do part[#part + 1] = words[i] end
    sum = sum + redis.call(command, unpack(part))
  end
  return sum
end

local tables, written = {}, {}
for t = 1, tonumber(argument()) do
  local made = {keys = key(), counter = key(), prefix = argument(), given = argument()}
  made.indexes, made.columns, made.changes, made.new = {}, {}, {}, {}
  for i = 1, tonumber(argument()) do made.columns[i] = argument() end
  for i = 1, tonumber(argument()) do
    made.indexes[i] = {key = key(), entries = key(), unique = argument() == '1', claimed = {}, added = {}, noted = {}}
  end
  for i = 1, tonumber(argument()) do
    local change = {row = key(), id = argument(), demand = argument()}
    if change.demand == 'same' then change.before = values(#made.columns) end
    change.after = values(#made.columns)
    change.entries = change.after and values(#made.indexes) or {}
    if change.demand == 'new' then made.new[#made.new + 1] = change.row end
    made.changes[i] = change
    written[change.row] = true
  end
  tables[t] = made
end

for t, made in ipairs(tables) do
  if in_parts('EXISTS', made.new) > 0 then
    for c, change in ipairs(made.changes) do
      if change.demand == 'new' and redis.call('EXISTS', change.row) == 1 then return {'taken', t, c, 0} end
    end
  end
  for _, index in ipairs(made.indexes) do
    index.asked = index.unique and (#made.changes == 1 or redis.call('EXISTS', index.key) == 1)
  end
  for c, change in ipairs(made.changes) do
    if change.before then
      local now = redis.call('HMGET', change.row, unpack(made.columns))
      for i = 1, #made.columns do
        if now[i] ~= change.before[i] then return {'changed', t, c, 0} end
      end
    elseif change.demand == 'there' and redis.call('EXISTS', change.row) == 0 then
      return {'gone', t, c, 0}
    elseif change.demand == 'any' then
      redis.call('HLEN', change.row) -- which ends the script where something else than a hash is there
    end
    for i, index in ipairs(made.indexes) do
      local entry = index.unique and change.entries[i]
      if entry then
        if index.claimed[entry] then return {'taken', t, c, i} end
        index.claimed[entry] = true
        local found = index.asked
          and redis.call('ZRANGEBYLEX', index.key, '[' .. entry, '(' .. entry .. '\255', 'LIMIT', 0, 1)[1]
        local id = found and string.sub(found, #entry + 1) or change.id
        if id ~= change.id and not written[made.prefix .. id] then return {'taken', t, c, i} end
      end
    end
  end
end

for _, made in ipairs(tables) do
  local ids = {}
  for _, change in ipairs(made.changes) do
    if change.after then
      local present, absent = {}, {}
      for i, column in ipairs(made.columns) do
        if change.after[i] then
          add(present, column, change.after[i])
        else
          absent[#absent + 1] = column
        end
      end
      redis.call('HSET', change.row, unpack(present))
      if change.demand ~= 'new' and #absent > 0 then redis.call('HDEL', change.row, unpack(absent)) end
      add(ids, 0, change.id)
    else
      redis.call('DEL', change.row)
      redis.call('ZREM', made.keys, change.id)
    end
    for i, index in ipairs(made.indexes) do
      local entry = change.entries[i] or false
      local old = change.demand ~= 'new' and redis.call('HGET', index.entries, change.id)
      if old and old ~= entry then
        redis.call('ZREM', index.key, old .. change.id)
        redis.call('HDEL', index.entries, change.id)
      end
      if entry and old ~= entry then
        add(index.added, 0, entry .. change.id)
        add(index.noted, change.id, entry)
      end
    end
  end
  in_parts('ZADD', ids, made.keys)
  for _, index in ipairs(made.indexes) do
    in_parts('ZADD', index.added, index.key)
    in_parts('HSET', index.noted, index.entries)
  end
  if made.given ~= '' then count_up(made.counter, made.given) end
end
return {'done'}
""",
)

ADD = Script(
    "add",
    r"""
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
redis.call('ZADD', KEYS[2], 0, ARGV[1])
return 1
""",
)
"""`ADD`, `PUT`, `CHANGE` and `REMOVE` write one row of a model without indexes; a stand-in compiles a script at each call."""

PUT = Script(
    "put",
    r"""
local last = 2 + ARGV[2]
redis.call('HSET', KEYS[1], unpack(ARGV, 3, last))
if last < #ARGV then redis.call('HDEL', KEYS[1], unpack(ARGV, last + 1)) end
redis.call('ZADD', KEYS[2], 0, ARGV[1])
return 1
""",
)

CHANGE = Script(
    "change",
    r"""
local number = tonumber(ARGV[2])
local now = redis.call('HMGET', KEYS[1], unpack(ARGV, 3, number + 2))
for i = 1, number do
  if (now[i] and '=' .. now[i] or '') ~= ARGV[number + 2 + i] then return 0 end
end
local first = 2 * number + 4
local last = first - 1 + ARGV[first - 1]
if first <= last then redis.call('HSET', KEYS[1], unpack(ARGV, first, last)) end
if last < #ARGV then redis.call('HDEL', KEYS[1], unpack(ARGV, last + 1)) end
return 1
""",
)

REMOVE = Script(
    "remove",
    r"""
if redis.call('DEL', KEYS[1]) == 0 then return 0 end
redis.call('ZREM', KEYS[2], ARGV[1])
return 1
""",
)

WALK = Script(
    "walk",
    r"""
local prefix, marks, backwards = ARGV[1], tonumber(ARGV[2]), ARGV[3] == '1'
local offset, limit, number = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local columns, rows, seen = {}, {}, 0
for i = 1, number do columns[i] = ARGV[6 + i] end
for i = 7 + number, #ARGV, 2 do
  local left = limit < 0 and -1 or offset + limit - seen
  if left == 0 then break end
  local found
  if backwards then
    found = redis.call('ZREVRANGEBYLEX', KEYS[1], ARGV[i + 1], ARGV[i], 'LIMIT', 0, left)
  else
    found = redis.call('ZRANGEBYLEX', KEYS[1], ARGV[i], ARGV[i + 1], 'LIMIT', 0, left)
  end
  for _, member in ipairs(found) do
    seen = seen + 1
    if seen > offset then
      local at = 1
      for _ = 1, marks do at = string.find(member, '\0\1', at, true) + 2 end
      rows[#rows + 1] = redis.call('HMGET', prefix .. string.sub(member, at), unpack(columns))
    end
  end
end
return rows
""",
)

NUMBER = Script(
    "number",
    _COUNT_UP
    + r"""
count_up(KEYS[1], ARGV[1])
redis.call('INCRBY', KEYS[1], ARGV[2])
return redis.call('GET', KEYS[1])
""",
)

EMPTY = Script(
    "empty",
    r"""
local k = 0
for a = 2, #ARGV, 2 do
  local prefix, number = ARGV[a], tonumber(ARGV[a + 1])
  for _, id in ipairs(redis.call('ZRANGE', KEYS[k + 1], 0, -1)) do redis.call('DEL', prefix .. id) end
  for i = 1, number do
    if i ~= 2 or ARGV[1] == '1' then redis.call('DEL', KEYS[k + i]) end
  end
  k = k + number
end
return 'OK'
""",
)

ALL = (WRITE, ADD, PUT, CHANGE, REMOVE, WALK, NUMBER, EMPTY)
NAMES: Mapping[str, str] = {script.digest: script.name for script in ALL}

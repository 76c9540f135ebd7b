"""The one small vocabulary of random rulesets, and what is drawn to write about it."""

from hypothesis import strategies as st

VOCABULARY = """
vocabulary: random
types:
  site:
    kind: reference
    fields: {zone: {type: text, empty: none}}
  plant:
%s
    fields:
      site: reference site
      size: {type: decimal, domain: non-negative}
      spare: {type: decimal, empty: none}
      cap: {type: quantity, unit: mg/L, domain: non-negative}
      mode: enum [red, blue, green]
      rank: ordered enum [low, middle, high]
      active: bool
      opened: date
      shut: {type: date, empty: none}
      ends: {type: date, empty: never}
      how: enum [mean, max, min, sum, count]
      way: enum [zero, half, interval]
      sense: {type: 'enum ["<=", ">", "="]', empty: none}
  reading:
    kind: event
    time: day
    fields:
      plant: reference plant
      day: date
      amount: decimal
      level: {type: qualified quantity, unit: mg/L, domain: non-negative}
      good: bool
      tone: enum [red, blue, green]
  permit:
    kind: state
    span: {from: begins, to: stops, goes_on: extended}
    fields:
      plant: reference plant
      begins: date
      stops: {type: date, empty: never}
      extended: bool
      strength: {type: decimal, domain: non-negative}
  check:
    kind: event
    time: date
    fields:
      site: reference site
      date: date
      mode: enum [red, blue, green]
      rank: ordered enum [low, middle, high]
      dose: {type: quantity, unit: varies, domain: non-negative}
    links: {plant: [mode, rank]}
"""
TABLES = """table: random.parts
citation: none
keys: {mode: "enum [red, blue, green]", rank: "enum [low, middle, high]"}
columns: {part: decimal, mark: {type: "enum [red, blue, green]", empty: none}}
rows: [[red, low, 1, red], [red, middle, 2.5, ~], [blue, low, 3, blue], [green, high, 4, green]]
on_miss: %s
---
table: random.bands
citation: none
keys: {mode: "enum [red, blue, green]", size: {type: decimal, band: from}}
columns: {part: decimal}
rows: [[red, 0, 1], [red, 2.5, 2], [blue, 0, 3], [blue, 3, 4], [green, 1, 2]]
on_miss: %s
---
table: random.known
citation: none
keys: {mode: "enum [red, blue, green]"}
columns: {part: decimal}
rows: [[red, 1], [green, 2]]
"""
POLICY = "policy: random.basis\ncitation: none\nchoices: [early, middle, late]\n"
QUESTION = """determination: random.looks-bad
question: does it look bad
citation: none
answered_by: [boss, chief]
void: [hearsay]
"""
REFERENCE = "    kind: reference"
STATE = "    kind: state\n    span: {from: opened, to: ends}"
OPERATORS = st.sampled_from(["<", "<=", ">", ">=", "="])
ON_NONE = st.sampled_from(["", "", ", on_none: undetermined"])
COLOURS = st.sampled_from(["red", "blue", "green"])
POLICIES = st.sampled_from(["zero", "half", "full", "printed", "interval"])
NUMBERS = st.sampled_from(["0", "1", "2", "2.5", "3", "4"])
LEVELS = st.sampled_from(["0 mg/L", "1 mg/L", "2000 ug/L", "3 mg/L", "4.5 mg/L"])
DOSES = st.sampled_from(["0 mg/L", "1 mg/L", "2000 ug/L", "3 kg"])
# Of each reading: numbers that cannot be negative, and one that can.
FIGURES = st.sampled_from(
    [
        "max(0, reading.amount)",
        "max(reading.amount - 2, 0)",
        "min(abs(reading.amount), 3)",
        "round(abs(reading.amount), 0, half-up)",
        "(if reading.good then abs(reading.amount) else 1)",
        "min(reading.amount, 3)",
    ]
)
SHARES = st.sampled_from(["0 %", "40 %", "50 %", "100 %"])
DAYS = st.sampled_from(["2026-01-31", "2026-02-10", "2026-02-28", "2026-03-15"])
QUANTIFIERS = st.sampled_from(["some", "no", "every"])
SLOT_WINDOWS = st.sampled_from(
    [
        "from 2026-01-20 to 2026-02-10",
        "from 2026-02-10 to 2026-12-31",
        "from opened to as-of",
        "from opened to shut else as-of",
    ]
)
EACH = st.sampled_from(
    [
        "calendar month",
        "calendar week",
        "calendar quarter",
        "calendar week from monday",
        "3 calendar months step 1 month",
        "",
    ]
)

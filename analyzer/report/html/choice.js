// What the reader has chosen: a platform, values of symbols, one configuration. All of it
// together selects a set of configurations.

const UNSET = "n";

// The symbols of a document, each with its values and the masks of these; a symbol is "n" where
// it has no value.
function columnsOf(symbols, count) {
  const all = everything(count);
  const found = [];
  for (const symbol of symbols) {
    const masks = new Map();
    let rest = all;
    for (const each of symbol.values) {
      const mask = maskOf(each.mask) & all;
      if (mask === 0n) continue;
      masks.set(each.value, (masks.get(each.value) || 0n) | mask);
      rest &= ~mask;
    }
    if (rest !== 0n) masks.set(UNSET, (masks.get(UNSET) || 0n) | rest);
    found.push({ name: symbol.name, masks });
  }
  return found;
}

// The choice as a list of [what, value], latest last: what is "platform", "config" or the name
// of a symbol with "CONFIG_" before it.
class Choice {
  constructor(configs, support, platforms, symbols) {
    this.configs = configs;
    this.platforms = platforms;
    this.columns = columnsOf(symbols, configs.length);
    this.switches = this.columns.filter((each) => each.masks.size > 1);
    this.support = new Map(support.map((each) => [each.platform, maskOf(each.mask)]));
    this.chosen = [];
  }

  get(what) {
    const found = this.chosen.find((each) => each[0] === what);
    return found === undefined ? null : found[1];
  }

  // The configurations that one choice allows.
  allowed(what, value) {
    const all = everything(this.configs.length);
    if (what === "platform") return this.support.has(value) ? this.support.get(value) : all;
    if (what === "config") return 1n << BigInt(value);
    const found = this.switches.find((each) => `CONFIG_${each.name}` === what);
    return found === undefined ? all : found.masks.get(value) || 0n;
  }

  // The configurations that all choices but that of `but` allow.
  mask(but) {
    let mask = everything(this.configs.length);
    for (const [what, value] of this.chosen) {
      if (what !== but) mask &= this.allowed(what, value);
    }
    return mask;
  }

  // Choose; null for no choice. Earlier choices that no configuration has together with this
  // one are given up, the oldest first; their names are the result.
  set(what, value) {
    this.chosen = this.chosen.filter((each) => each[0] !== what);
    if (value === null) return [];
    this.chosen.push([what, value]);
    const dropped = [];
    while (this.mask() === 0n && this.chosen.length > 1) dropped.push(this.chosen.shift()[0]);
    return dropped;
  }

  // The platforms that are looked at.
  on() {
    const platform = this.get("platform");
    return platform === null ? this.platforms : [platform];
  }

  // Take over choices from elsewhere, those that there are in this document.
  take(chosen) {
    this.chosen = [];
    for (const [what, value] of chosen) {
      const known = what === "config" ? value < this.configs.length
        : what === "platform" ? this.platforms.includes(value)
          : this.allowed(what, value) !== 0n && this.switches.some((each) => `CONFIG_${each.name}` === what);
      if (known) this.set(what, value);
    }
  }

  clear() {
    this.chosen = [];
  }
}

// The lines of a .config that give a configuration its values of some symbols.
function fragmentOf(columns, index) {
  const lines = [];
  for (const each of columns) {
    for (const [value, mask] of each.masks) {
      if (!has(mask, index)) continue;
      const name = visible(each.name);
      lines.push(value === UNSET ? `# CONFIG_${name} is not set` : `CONFIG_${name}=${visible(value)}`);
    }
  }
  return lines;
}

// What a line of a tree says: name, remarks, places and conditions, in the words of
// `--format tree`. What the line above says already is not said again.

const LIMITS = {
  depth: "not followed: depth",
  object: "not followed: further object",
  cap: "not followed: cap",
  primitive: "not followed: primitive",
};
const MAX_SITES = 4;

// Those of `platforms` on which any of the calls is taken.
function takenOn(platforms, sites) {
  const taken = new Set();
  for (const site of sites) {
    if (site.platforms.length === 0) return platforms;
    site.platforms.forEach((name) => taken.add(name));
  }
  return platforms.filter((name) => taken.has(name));
}

// The calls of a line that differ in more than their place.
function variantsOf(line) {
  const found = new Map();
  for (const site of line.sites) {
    const key = JSON.stringify([site.platforms, site.certainty, site.guards, site.conditionals]);
    if (!found.has(key)) found.set(key, site);
  }
  return [...found.values()];
}

// The platforms on which a slot holds something else if the conditions for that are met, by
// caller and slot.
function replacedIn(lines) {
  const found = new Map();
  for (const line of lines) {
    for (const site of line.sites) {
      if (site.slot === null || site.guards.length === 0 || site.certainty !== "candidate") continue;
      const key = `${site.from} ${site.slot}`;
      found.set(key, new Set([...(found.get(key) || []), ...site.platforms]));
    }
  }
  return found;
}

function same(some, others) {
  return some.length === others.length && some.every((each, index) => each === others[index]);
}

function platformRemarks(line, above, replaced) {
  const calls = variantsOf(line);
  if (!calls.some((site) => site.platforms.length)) {
    return line.sites[0].certainty === "candidate" ? ["candidate"] : [];
  }
  const openCalls = calls.filter((site) => site.certainty === "candidate" && site.guards.length === 0);
  const rest = calls.filter((site) => !openCalls.includes(site));
  const told = calls.length === 1 ? rest : rest.filter((site) => site.guards.length === 0);
  const remarks = [];
  const on = takenOn(above, told);
  if (told.length && !same(on, above)) remarks.push(`on ${visible(on.join(", "))}`);
  const unsure = takenOn(above, openCalls);
  for (const [word, names] of [
    ["unless replaced", openCalls.length ? unsure.filter((name) => replaced.has(name)) : []],
    ["candidate", openCalls.length ? unsure.filter((name) => !replaced.has(name)) : []],
  ]) {
    if (names.length) remarks.push(same(names, above) ? word : `${word} on ${visible(names.join(", "))}`);
  }
  return remarks;
}

// Guards on one line, a label once behind those that share it; of the same test made twice only
// the inner one.
function guardsText(guards) {
  const inner = new Map(guards.map((guard, number) => [oneLine(guard.text), number]));
  const last = guards.filter((guard, number) => inner.get(oneLine(guard.text)) === number);
  const parts = [];
  for (let at = 0; at < last.length;) {
    const texts = [];
    const label = last[at].label;
    for (; at < last.length && last[at].label === label; at += 1) texts.push(oneLine(last[at].text));
    parts.push(label === null ? texts.join(" and ") : `${texts.join(" and ")} (${oneLine(label)})`);
  }
  return parts.join(" and ");
}

// The values, in some configurations, of the symbols that a conditional mentions.
function valuesIn(text, mask, symbols) {
  const found = new Set();
  for (const [, mentioned] of text.matchAll(/\bCONFIG_(\w+)/g)) {
    const name = symbols.has(mentioned) ? mentioned : mentioned.replace(/_MODULE$/, "");
    if (!symbols.has(name)) continue;
    const values = new Set();
    let rest = mask;
    for (const each of symbols.get(name)) {
      if ((maskOf(each.mask) & mask) === 0n) continue;
      values.add(each.value);
      rest &= ~maskOf(each.mask);
    }
    if (rest !== 0n) values.add(UNSET);
    found.add(`${name}=${[...values].join("/")}`);
  }
  return [...found].map(visible).join(", ");
}

// Where the calls stand: line numbers alone where the file is the caller's own.
function sitesText(line) {
  const own = line.caller === null ? null : line.caller.file;
  const texts = [];
  for (let at = 0; at < line.sites.length;) {
    const file = line.sites[at].file;
    const numbers = new Set();
    for (; at < line.sites.length && line.sites[at].file === file; at += 1) numbers.add(line.sites[at].line);
    const shown = [...numbers].slice(0, MAX_SITES).join(", ");
    const more = numbers.size > MAX_SITES ? ` and ${numbers.size - MAX_SITES} more` : "";
    const word = numbers.size === 1 ? "line" : "lines";
    texts.push((file === own ? `${word} ${shown}` : `${visible(file)}:${shown}`) + more);
  }
  return "from " + texts.join("; ");
}

function remarksOf(graph, line, on, mask, platforms) {
  const remarks = [];
  const node = line.node;
  if (node !== null && node.kind === "macro") remarks.push(line.through.length ? "macros" : "macro");
  if (line.sites.length) {
    const site = line.sites[0];
    if (site.kind === "indirect") {
      remarks.push("indirect" + (site.slot === null ? "" : ` through ${oneLine(site.slot)}`));
    } else if (site.kind === "callback") {
      remarks.push("callback" + (site.context === null ? "" : ` in ${oneLine(site.context)} context`));
    }
  }
  remarks.push(...on);
  const effects = node !== null && line.again === null ? effectsIn(graph, node, mask, platforms) : [];
  if (effects.length) remarks.push({ effects: effects.map(visible) });
  if (node !== null && node.absent) remarks.push(oneLine(node.absent));
  if (line.again !== null) remarks.push(line.again);
  else if (line.limit !== null) remarks.push(LIMITS[line.limit.reason]);
  return remarks;
}

// What is said of every line, in order: { line, names, as, remarks, place, sites, folded,
// conditions }; a condition is { on, when, labels, ifs }.
function toldLines(graph, lines, mask, platforms) {
  const symbols = new Map((graph.paths.symbols || []).map((each) => [each.name, each.values]));
  const replaced = replacedIn(lines);
  const start = { texts: new Set(), platforms };
  const shown = [];
  return lines.map((line) => {
    shown.length = Math.min(shown.length, line.depth);
    const above = shown.length ? shown[shown.length - 1] : start;
    const told = tell(graph, line, above, replaced, mask, platforms, symbols);
    let below = above;
    if (line.sites.length) {
      const texts = [...line.sites[0].conditionals, ...line.also].map((each) => each.text);
      below = { texts: new Set([...above.texts, ...texts]), platforms: takenOn(above.platforms, line.sites) };
    }
    shown.push(below);
    return told;
  });
}

function tell(graph, line, above, replaced, mask, platforms, symbols) {
  const node = line.node;
  const site = line.sites.length ? line.sites[0] : null;
  const names = [...line.through, ...(node === null ? [] : [node])].map((each) => visible(each.name));
  if (node === null) names.push(oneLine(site.name));
  const written = (line.through[0] || node || site).name;
  const elsewhere = site === null ? new Set() : replaced.get(`${site.from} ${site.slot}`) || new Set();
  const on = site === null ? [] : platformRemarks(line, above.platforms, elsewhere);
  return {
    line,
    names,
    as: node !== null && site !== null && site.name !== written ? oneLine(site.name) : null,
    unknown: node === null,
    remarks: remarksOf(graph, line, on, mask, platforms),
    place: node === null ? "" : placeOf(node),
    sites: site === null ? "" : sitesText(line),
    folded: line.folded ? `+ ${counted(line.folded, "call")}` : "",
    conditions: site === null ? [] : conditionsOf(line, above, mask, symbols),
  };
}

function conditionsOf(line, above, mask, symbols) {
  const calls = variantsOf(line);
  const said = new Set(above.texts);
  const found = [];
  for (const site of calls) {
    const condition = { on: "", when: "", labels: [], ifs: [] };
    if (site.guards.length) {
      if (calls.length > 1) condition.on = visible(takenOn(above.platforms, [site]).join(", "));
      condition.when = guardsText(site.guards);
      condition.labels = [...new Set(site.guards.map((guard) => guard.label).filter((label) => label))].map(oneLine);
    }
    for (const each of [...site.conditionals, ...line.also]) {
      if (said.has(each.text)) continue;
      said.add(each.text);
      condition.ifs.push({
        text: oneLine(each.text), values: valuesIn(each.text, mask, symbols), place: placeOf(each),
      });
    }
    if (condition.when || condition.ifs.length) found.push(condition);
  }
  return found;
}

// The page of `kimpact slots`: what every slot holds, platform by platform.

const HELD = { null: "NULL", unknown: "unknown" };

function guardWords(guards) {
  return guards.map((guard) => oneLine(guard.label === null ? guard.text : `${guard.text} (${guard.label})`)).join(" and ");
}

// The rows of a slot for what is chosen: platforms that can hold the same share theirs.
function slotRows(slot, choice) {
  const mask = choice.mask() & maskOf(slot.mask);
  const platform = choice.get("platform");
  const byPlatform = new Map();
  const later = [];
  for (const entry of slot.entries) {
    if ((maskOf(entry.mask) & mask) === 0n) continue;
    if (entry.platform === null) later.push(entry);
    else if (platform === null || entry.platform === platform) {
      if (!byPlatform.has(entry.platform)) byPlatform.set(entry.platform, []);
      byPlatform.get(entry.platform).push(entry);
    }
  }
  const groups = new Map();
  for (const [name, entries] of byPlatform) {
    const sorted = [...entries].sort((one, other) => (one.guards.length > 0) - (other.guards.length > 0));
    const values = [...new Map(sorted.map((one) => [JSON.stringify({ ...one, platform: null, stored: null }), one])).values()];
    const key = JSON.stringify(values.map((one) => ({ ...one, platform: null, stored: null })));
    if (!groups.has(key)) groups.set(key, { names: [], values });
    groups.get(key).names.push(visible(name));
  }
  const rows = [...groups.values()].flatMap(({ names, values }) =>
    values.map((one, number) => [number ? "" : names.join(", "), one]));
  return [...rows, ...later.map((one) => ["(later)", one])];
}

function slotCells(entry, platforms, name, several, mask, configs) {
  const value = make("span", "mono", {}, span("name", visible(entry.function || HELD[entry.value] || "")), " ", span("place", placeOf(entry)));
  const when = entry.later ? `stored at run time, ${placeOf(entry.stored)}` : guardWords(entry.guards);
  const here = maskOf(entry.mask);
  const cells = [span("mono name", name), platforms, value, span("mono when", when)];
  if (several) cells.push(span("expression", here === mask ? "" : memberNames(configs, here)));
  return cells;
}

function slotsPage(answer) {
  const configs = answer.configs;
  const support = answer.platforms.map((each) => ({ platform: each.name, mask: each.mask }));
  const present = answer.platforms.filter((each) => maskOf(each.mask) !== 0n).map((each) => each.name);
  const choice = new Choice(configs, support, present, []);
  const panel = new Panel(choice, () => frame.show(), () => []);
  const frame = new Frame(configs, {
    title: "dispatch slots",
    about: `${kernelText(answer)}, ${configsText(configs)}`,
    panel: answer.slots.length ? panel : null,
    fill(main) {
      if (answer.slots.length) {
        const several = configs.length > 1;
        const rows = answer.slots.flatMap((slot) => slotRows(slot, choice).map(([platforms, entry], number) =>
          slotCells(entry, platforms, number ? "" : visible(slot.slot), several, maskOf(slot.mask), configs)));
        main.append(table("slots", ["slot", "platforms", "holds", "when", ...(several ? ["configurations"] : [])], rows));
      } else {
        main.append(make("p", "", {}, "Name a table, a part of one, a slot or a static call. Platforms write to:"));
        main.append(table("slots", ["table", "files"], answer.tables.map((each) =>
          [span("mono name", visible(each.name)), span("mono dim", each.files.map(visible).join(", "))])));
      }
      const absent = answer.platforms.filter((each) => maskOf(each.mask) === 0n).map((each) =>
        visible(each.name) + (each.unset.length ? ` (${each.unset.map((name) => `CONFIG_${visible(name)}=n`).join(", ")})` : ""));
      if (absent.length) main.append(make("p", "missing", {}, `not configured: ${absent.join(", ")}`));
      const remarks = remarksPart(answer.diagnostics);
      if (remarks) main.append(remarks);
    },
  });
  choice.take(frame.state.chosen);
  frame.show();
}

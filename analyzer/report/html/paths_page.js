// The page of `kimpact paths`: a tree for each set of configurations with the same paths, of
// those that the reader has chosen.

const MAX_OPEN = 3; // trees that are open at first

// The sets of configurations that are alike on the chosen platforms, largest first.
function groupsOf(graph, mask, platform) {
  const masks = graph.classes
    .filter((each) => platform === null || each.platforms.length === 0 || each.platforms.includes(platform))
    .map((each) => each.bits);
  const covered = masks.reduce((all, one) => all | one, 0n);
  return partition(covered & mask, masks);
}

// What sets a group apart: as the document says, if it is one of its groups or part of some.
function whenOf(graph, group) {
  const met = (graph.paths.groups || []).filter((each) => (maskOf(each.mask) & group) !== 0n);
  if (met.length > 3) return `${met.length} classes`;
  return met.map((each) => visible(each.when)).join(" or ");
}

// What becomes of the object in a selection.
function effectsOn(graph, mask, platforms) {
  const found = new Set();
  for (const each of graph.classes) {
    if (isMet(graph, each.bits, each.platforms, mask, platforms)) each.effects.forEach((one) => found.add(one));
  }
  return [...found];
}

// The platforms of a paths document that some of the configurations have.
function platformsIn(graph, mask, platforms) {
  return platforms.filter((name) => {
    const support = graph.support.get(name);
    return support === undefined || (support & mask) !== 0n;
  });
}

// The tree of a group.
function groupTree(graph, mask, platforms, title) {
  const on = platformsIn(graph, mask, platforms);
  const lines = chained(linesOf(graph, mask, on));
  const none = graph.paths.to !== null && !lines.some((line) => line.depth);
  return treeOf(none ? [] : toldLines(graph, lines, mask, on), title, null);
}

// What is to be said of a group: that it takes these paths, has none, or not even the function.
function groupVerb(graph, group, platforms) {
  const one = sizeOf(group) === 1;
  const there = graph.paths.roots.some((root) => (maskOf(graph.nodes.get(root).mask) & group) !== 0n);
  if (!there) return `${one ? "does" : "do"} not have the function`;
  if (graph.paths.to === null) return `${one ? "takes" : "take"} these paths`;
  const on = platformsIn(graph, group, platforms);
  if (graph.edges.some((edge) => isMet(graph, edge.bits, edge.platforms, group, on))) {
    return `${one ? "takes" : "take"} this path`;
  }
  return `${one ? "has" : "have"} no path to ${visible(graph.paths.to)}`;
}

function groupHeading(graph, group, platforms) {
  const total = graph.paths.configs.length;
  const count = sizeOf(group);
  const said = `${subjectOf(count, total)} ${groupVerb(graph, group, platforms)}`;
  const heading = make("span", "heading", {}, make("strong", "", {}, said));
  if (count < total) {
    heading.append(": ", span("expression", whenOf(graph, group)));
    heading.append(make("span", "members", {}, memberNames(graph.paths.configs, group)));
  }
  return heading;
}

// The groups of a paths document with their trees, appended to an element.
function fillGroups(element, graph, choice) {
  const mask = choice.mask();
  const groups = groupsOf(graph, mask, choice.get("platform"));
  if (!groups.length) element.append(make("p", "empty", {}, "No configuration has the function here."));
  groups.forEach((group, number) => {
    const platforms = choice.on();
    const part = section(groupHeading(graph, group, platforms), number < MAX_OPEN, (body) => {
      body.append(groupTree(graph, group, platforms, `Paths of ${whenOf(graph, group)}`));
    });
    part.classList.add("class");
    element.append(part);
  });
}

function kernelText(document_) {
  return document_.kernel === null ? "" : `Linux ${visible(document_.kernel.version)} ${visible(document_.kernel.arch)}`;
}

function configsText(configs) {
  return configs.length === 1 ? visible(configs[0].name) : counted(configs.length, "configuration");
}

function missingText(support, configs) {
  const all = everything(configs.length);
  const parts = new Map();
  for (const each of support) {
    const without = all & ~maskOf(each.mask);
    if (without === 0n) continue;
    if (!parts.has(without)) parts.set(without, []);
    parts.get(without).push(visible(each.platform));
  }
  return [...parts].map(([without, names]) =>
    `not configured: ${names.join(", ")}` + (without === all ? "" : ` in ${memberNames(configs, without)}`));
}

function pathsPage(answer) {
  const graph = readPaths(answer);
  const choice = new Choice(answer.configs, answer.support, answer.platforms, answer.symbols);
  const names = [...new Set(answer.roots.map((root) => visible(graph.nodes.get(root).name)))].join(", ");
  const panel = new Panel(choice, () => frame.show(), (platform) =>
    effectsOn(graph, choice.mask("platform"), platform === null ? answer.platforms : [platform]));
  const frame = new Frame(answer.configs, {
    title: answer.to === null ? names : `${names} to ${visible(answer.to)}`,
    about: `${kernelText(answer)}, ${configsText(answer.configs)}`,
    trees: true,
    panel,
    fill(main) {
      fillGroups(main, graph, choice);
      const missing = missingText(answer.support, answer.configs);
      if (missing.length) main.append(make("p", "missing", {}, missing.join("; ")));
      const remarks = remarksPart(answer.diagnostics);
      if (remarks) main.append(remarks);
    },
  });
  choice.take(frame.state.chosen);
  frame.show();
}

// The page of `kimpact callers`: each function stands below what it calls, with the entries at
// which control comes into the kernel.

// The document as one of paths that leads from the callee to its callers; the calls by one
// function have in common what they are shown with.
function turnedPaths(answer) {
  const together = new Map();
  const mannerOf = (edge) => JSON.stringify([edge.from, edge.to, edge.name, edge.kind, edge.certainty, edge.slot, edge.context]);
  for (const edge of answer.edges) {
    const manner = mannerOf(edge);
    if (!together.has(manner)) together.set(manner, []);
    together.get(manner).push(edge);
  }
  const common = (lists) => lists[0].filter((one) =>
    lists.every((list) => list.some((other) => JSON.stringify(other) === JSON.stringify(one))));
  const edges = answer.edges.map((edge) => {
    const alikes = together.get(mannerOf(edge));
    return {
      ...edge, from: edge.to, to: edge.from,
      guards: common(alikes.map((each) => each.guards)),
      conditionals: common(alikes.map((each) => each.conditionals)),
    };
  });
  return { ...answer, edges, platforms: [], support: [], groups: [], to: null, limits: answer.limits.map((limit) => ({ ...limit, places: [] })) };
}

const NOT_ALL = { depth: "callers not followed: depth", cap: "callers not all followed: cap" };

// Where the calls stand: line numbers alone where the file is the caller's own.
function callsAt(line) {
  const places = [...new Set(line.sites.map((site) => `${site.file}:${site.line}`))];
  const own = line.sites.every((site) => site.file === line.node.file);
  const texts = places.slice(0, MAX_SITES).map((place) => (own ? place.slice(place.lastIndexOf(":") + 1) : visible(place)));
  const more = places.length > MAX_SITES ? ` and ${places.length - MAX_SITES} more` : "";
  return `at ${own ? `line${places.length > 1 ? "s" : ""} ` : ""}${texts.join(", ")}${more}`;
}

// The lines with the entries of a function, and what was not looked into, below it.
function callerLines(graph, answer, mask) {
  const lines = linesOf(graph, mask, []);
  const told = toldLines(graph, lines, mask, []);
  return told.flatMap((each) => {
    const line = each.line;
    if (line.sites.length) each.sites = callsAt(line);
    each.as = null;
    if (line.limit !== null && line.again === null) {
      each.remarks = each.remarks.filter((remark) => remark !== LIMITS[line.limit.reason]);
      each.remarks.push(NOT_ALL[line.limit.reason] || NOT_ALL.cap);
    }
    if (line.again !== null) return [each];
    const inside = answer.entries
      .map((entry, number) => [entry, answer.words[number]])
      .filter(([entry]) => entry.node === line.node.id && (maskOf(entry.mask) & mask) !== 0n)
      .map(([entry, words]) => noteLine(line, `[${oneLine(words)}]`, placeOf(entry)));
    const hidden = answer.limits.find((limit) => limit.node === line.node.id && limit.hidden);
    if (hidden) inside.push(noteLine(line, `${hidden.hidden} that may call it not looked into`, ""));
    return [each, ...inside];
  });
}

// A line below another one that is no function.
function noteLine(above, text, place) {
  return {
    line: { depth: above.depth + 1, node: null, again: null, sites: [] },
    names: [], as: null, unknown: false, remarks: [{ effects: [text] }], place, sites: "", folded: "", conditions: [],
  };
}

function callersPage(answer) {
  const graph = readPaths(turnedPaths(answer));
  const total = answer.configs.length;
  const choice = new Choice(answer.configs, [], [], answer.symbols);
  const names = [...new Set(answer.roots.map((root) => visible(graph.nodes.get(root).name)))].join(", ");
  const panel = new Panel(choice, () => frame.show(), () => []);
  const frame = new Frame(answer.configs, {
    title: `callers of ${names}`,
    about: `${kernelText(answer)}, ${configsText(answer.configs)}`,
    trees: true,
    panel: total > 1 ? panel : null,
    fill(main) {
      groupsOf(graph, choice.mask(), null).forEach((group, number) => {
        const count = sizeOf(group);
        const met = graph.classes.filter((each) => (each.bits & group) !== 0n);
        const heading = make("span", "heading", {},
          make("strong", "", {}, `${subjectOf(count, total)} ${count === 1 ? "has" : "have"} these callers`));
        if (count < total) {
          heading.append(": ", span("expression", met.map((each) => visible(each.when)).join(" or ")));
          heading.append(make("span", "members", {}, memberNames(answer.configs, group)));
        }
        const part = section(heading, number < MAX_OPEN, (body) => {
          const told = callerLines(graph, answer, group);
          body.append(told.length ? treeOf(told, `Callers of ${names}`, null) : make("p", "empty", {}, "The function is not there."));
        });
        part.classList.add("class");
        main.append(part);
      });
      const remarks = remarksPart(answer.diagnostics);
      if (remarks) main.append(remarks);
    },
  });
  choice.take(frame.state.chosen);
  frame.show();
}

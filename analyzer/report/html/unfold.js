// From the graph of a paths document to the lines of a tree, for some configurations and
// platforms: the same lines as `--format tree` draws.

const DETOUR = 4; // how much deeper than its least depth a node may be unfolded

// A paths document made ready: masks as BigInt, edges by caller.
function readPaths(paths) {
  const support = new Map(paths.support.map((each) => [each.platform, maskOf(each.mask)]));
  return {
    paths,
    support,
    nodes: new Map(paths.nodes.map((node) => [node.id, node])),
    edges: paths.edges.map((edge) => ({ ...edge, bits: maskOf(edge.mask) })),
    classes: paths.classes.map((each) => ({ ...each, bits: maskOf(each.mask) })),
    limits: paths.limits.map((each) => ({ ...each, bits: maskOf(each.mask) })),
  };
}

// Those of `platforms` on which something with these platforms is meant in some configuration
// of `mask`; null where none are told apart and it is meant.
function metOn(graph, bits, named, mask, platforms) {
  const both = bits & mask;
  if (both === 0n) return [];
  if (named.length === 0 || platforms.length === 0) return null;
  return platforms.filter((name) => {
    const support = graph.support.get(name);
    return named.includes(name) && (support === undefined || (support & both) !== 0n);
  });
}

function isMet(graph, bits, named, mask, platforms) {
  const on = metOn(graph, bits, named, mask, platforms);
  return on === null || on.length > 0;
}

function isMetAt(graph, places, mask, platforms) {
  return places.some((each) => isMet(graph, maskOf(each.mask), each.platforms, mask, platforms));
}

// The effects of a node in a selection.
function effectsIn(graph, node, mask, platforms) {
  const places = node.occurrences || [];
  if (!places.length) return node.effects;
  return node.effects.filter((effect) =>
    isMetAt(graph, places.filter((each) => each.effect === effect), mask, platforms));
}

// The calls taken in a selection, by caller; those that differ in nothing but their masks are
// one, taken on the platforms of all of them.
function callsIn(graph, mask, platforms) {
  const out = new Map();
  const merged = new Map();
  for (const edge of graph.edges) {
    const on = metOn(graph, edge.bits, edge.platforms, mask, platforms);
    if (on !== null && on.length === 0) continue;
    const key = JSON.stringify([edge.from, edge.to, edge.name, edge.kind, edge.certainty, edge.file,
      edge.line, edge.slot, edge.context, edge.guards, edge.conditionals]);
    const known = merged.get(key);
    if (known !== undefined) {
      const names = new Set([...known.platforms, ...(on || [])]);
      known.platforms = on === null ? [] : platforms.filter((name) => names.has(name));
      continue;
    }
    const call = { ...edge, platforms: on || [] };
    merged.set(key, call);
    if (!out.has(edge.from)) out.set(edge.from, []);
    out.get(edge.from).push(call);
  }
  return out;
}

function leastDepths(roots, out) {
  const depths = new Map(roots.map((root) => [root, 0]));
  const waiting = [...roots];
  for (let at = 0; at < waiting.length; at += 1) {
    for (const edge of out.get(waiting[at]) || []) {
      if (edge.to !== null && !depths.has(edge.to)) {
        depths.set(edge.to, depths.get(waiting[at]) + 1);
        waiting.push(edge.to);
      }
    }
  }
  return depths;
}

// Calls of one target in one manner, together, where the first of them stands.
function alike(edges) {
  const groups = new Map();
  for (const edge of edges) {
    const manner = [edge.to === null ? [edge.name, edge.file, edge.line] : edge.to, edge.name,
      edge.kind, edge.slot, edge.context];
    if (edge.slot === null || edge.platforms.length === 0 || edge.to === null) {
      manner.push(edge.certainty, edge.guards, edge.conditionals);
    }
    const key = JSON.stringify(manner);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(edge);
  }
  return [...groups.values()];
}

// The lines, depth first. A line has its depth (0 is a root), node (null for an unknown target),
// caller, sites (calls alike but for their place), again, limit, folded, through and also.
function linesOf(graph, mask, platforms) {
  const out = callsIn(graph, mask, platforms);
  const limits = new Map();
  const folded = new Map();
  for (const limit of graph.limits) {
    const places = limit.places && limit.places.length ? limit.places : [{ mask: limit.mask, platforms: [] }];
    if (!isMetAt(graph, places, mask, platforms)) continue;
    if (limit.reason === "folded") folded.set(limit.node, (folded.get(limit.node) || 0) + (limit.hidden || 0));
    else limits.set(limit.node, limit);
  }
  const roots = graph.paths.roots.filter((root) => (maskOf(graph.nodes.get(root).mask) & mask) !== 0n);
  const least = leastDepths(roots, out);
  const unfolded = new Set();
  const lines = [];
  const add = (depth, id, caller, sites, again) => lines.push({
    depth,
    node: id === null ? null : graph.nodes.get(id),
    caller,
    sites,
    again,
    limit: id === null || (depth === 0 && again !== null) ? null : limits.get(id) || null,
    folded: id !== null && again === null ? folded.get(id) || 0 : 0,
    through: [],
    also: [],
  });
  for (const root of roots) {
    if (unfolded.has(root)) {
      add(0, root, null, [], "see above");
      continue;
    }
    add(0, root, null, [], null);
    unfolded.add(root);
    const route = [root];
    const open = [alike(out.get(root) || [])[Symbol.iterator]()];
    while (open.length) {
      const next = open[open.length - 1].next();
      if (next.done) {
        open.pop();
        route.pop();
        continue;
      }
      const sites = next.value;
      const target = sites[0].to;
      const caller = graph.nodes.get(route[route.length - 1]);
      if (target === null) {
        add(route.length, null, caller, sites, null);
        continue;
      }
      let again = null;
      if (route.includes(target)) again = "recursion";
      else if (unfolded.has(target) && out.has(target)) again = "see above";
      else if (out.has(target) && route.length > least.get(target) + DETOUR) again = "see below";
      add(route.length, target, caller, sites, again);
      if (again === null) {
        unfolded.add(target);
        route.push(target);
        open.push(alike(out.get(target) || [])[Symbol.iterator]());
      }
    }
  }
  return lines;
}

// Macros that do nothing but use one another, put on one line of a tree.

function isMacro(line) {
  return line.node !== null && line.node.kind === "macro";
}

// The lines directly below a line, the first two of them at most.
function childrenOf(lines, number) {
  const found = [];
  for (let at = number + 1; at < lines.length && lines[at].depth > lines[number].depth; at += 1) {
    if (lines[at].depth === lines[number].depth + 1) found.push(lines[at]);
    if (found.length === 2) break;
  }
  return found;
}

// Whether a line is a macro of which the next line is all there is to say.
function onlyUses(lines, number) {
  const line = lines[number];
  if (!isMacro(line) || line.depth === 0 || line.again !== null || line.folded) return false;
  const below = childrenOf(lines, number);
  if (below.length !== 1) return false;
  const inner = below[0];
  const usedOnce = inner.sites.length === 1 && inner.sites[0].guards.length === 0;
  return usedOnce && isMacro(inner) && inner.again === null;
}

// The lines with each macro that is left for the next one taken into the line of that one.
function chained(lines) {
  const result = [];
  const taken = [];
  let pending = null;
  lines.forEach((line, number) => {
    while (taken.length && taken[taken.length - 1] >= line.depth) taken.pop();
    let moved = { ...line, depth: line.depth - taken.length };
    if (pending !== null) {
      moved = {
        ...moved,
        caller: pending.caller,
        sites: pending.sites,
        through: [...pending.through, pending.node],
        also: [...pending.also, ...line.sites[0].conditionals],
      };
      pending = null;
    }
    if (onlyUses(lines, number)) {
      taken.push(line.depth);
      pending = moved;
    } else {
      result.push(moved);
    }
  });
  return result;
}

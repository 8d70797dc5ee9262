// Sets of configurations: bit i is element i of the document's configs.

const masksRead = new Map();

// The mask that a hex string of the document writes, as a BigInt.
function maskOf(text) {
  let mask = masksRead.get(text);
  if (mask === undefined) {
    mask = BigInt(text);
    masksRead.set(text, mask);
  }
  return mask;
}

function everything(count) {
  return (1n << BigInt(count)) - 1n;
}

// How many configurations are in a mask.
function sizeOf(mask) {
  let count = 0;
  for (const digit of mask.toString(16)) {
    const bits = parseInt(digit, 16);
    count += (bits & 1) + ((bits >> 1) & 1) + ((bits >> 2) & 1) + (bits >> 3);
  }
  return count;
}

// The first configuration of a mask, -1 for none.
function firstOf(mask) {
  if (mask === 0n) return -1;
  return (mask & -mask).toString(2).length - 1;
}

function has(mask, index) {
  return ((mask >> BigInt(index)) & 1n) === 1n;
}

// The configurations of a mask, the first `most` of them.
function membersOf(mask, most) {
  const found = [];
  let rest = mask;
  while (rest !== 0n && found.length < most) {
    const low = rest & -rest;
    found.push(low.toString(2).length - 1);
    rest ^= low;
  }
  return found;
}

// The coarsest partition of `whole` that each of `masks` is a union of: largest part first,
// among parts of one size that of the lowest configuration first.
function partition(whole, masks) {
  let parts = whole === 0n ? [] : [whole];
  for (const mask of new Set(masks)) {
    const refined = [];
    for (const part of parts) {
      const inside = part & mask;
      if (inside !== 0n && inside !== part) refined.push(inside, part ^ inside);
      else refined.push(part);
    }
    parts = refined;
  }
  const sized = parts.map((part) => ({ part, size: sizeOf(part), first: firstOf(part) }));
  sized.sort((one, other) => other.size - one.size || one.first - other.first);
  return sized.map((each) => each.part);
}

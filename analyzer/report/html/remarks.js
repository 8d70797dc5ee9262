// What a run assumed, skipped or could not follow.

function remarksPart(diagnostics) {
  if (!diagnostics.length) return null;
  const order = ["error", "warning", "note"];
  const sorted = [...diagnostics].sort((one, other) => order.indexOf(one.severity) - order.indexOf(other.severity));
  const counts = order
    .map((severity) => [sorted.filter((each) => each.severity === severity).length, severity])
    .filter(([count]) => count)
    .map(([count, severity]) => counted(count, severity));
  return section(`Remarks (${counts.join(", ")})`, sorted[0].severity === "error", (body) => {
    body.append(make("ul", "remarks", {}, ...sorted.map((each) => make("li", each.severity, {},
      span("severity", each.severity), " ", span("place", placeOf(each)), placeOf(each) ? " " : "",
      oneLine(each.message), " ", span("code", `[${visible(each.code)}]`)))));
  });
}

// The state of the page in its address, so that a link leads to what the sender saw.

// The state that the address names: { chosen: [[what, value]], query, at, conditions, theme,
// filters }.
function stateOfAddress(configs) {
  const state = { chosen: [], query: "", at: null, conditions: false, theme: "auto", shown: null };
  for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
    if (name === "platform" || name.startsWith("CONFIG_")) state.chosen.push([name, value]);
    else if (name === "config") {
      const index = configs.findIndex((each) => each.name === value);
      if (index >= 0) state.chosen.push(["config", index]);
    } else if (name === "q") state.query = value;
    else if (name === "at") state.at = value;
    else if (name === "conditions") state.conditions = value === "1";
    else if (name === "theme") state.theme = value;
    else if (name === "show") state.shown = value;
  }
  return state;
}

function addressOfState(state, configs) {
  const words = new URLSearchParams();
  for (const [what, value] of state.chosen) {
    words.append(what, what === "config" ? configs[value].name : value);
  }
  if (state.query) words.append("q", state.query);
  if (state.at) words.append("at", state.at);
  if (state.conditions) words.append("conditions", "1");
  if (state.shown) words.append("show", state.shown);
  if (state.theme !== "auto") words.append("theme", state.theme);
  return "#" + words.toString();
}

// Put the state into the address; a link back to the present page is not made for it.
function keepAddress(state, configs) {
  const address = addressOfState(state, configs);
  if (address !== (location.hash || "#")) history.replaceState(null, "", address);
}

// Elements. All text goes through textContent: what a tree or patch says is never markup.

// An element: `marks` is its class names; attributes that are null are left out; children are
// elements or text, null ones left out.
function make(tag, marks, attributes, ...children) {
  const element = document.createElement(tag);
  if (marks) element.className = marks;
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

function span(marks, text) {
  const element = document.createElement("span");
  element.className = marks;
  element.textContent = text;
  return element;
}

function button(marks, text, title, action) {
  const element = make("button", marks, { type: "button", title }, text);
  element.addEventListener("click", action);
  return element;
}

// A part of the page that can be closed; `fill` makes its contents when it is first opened, or
// `ensure()` of the element is called.
function section(title, open, fill) {
  const body = make("div", "body");
  const whole = make("details", "part", {}, make("summary", "", {}, title), body);
  let filled = false;
  whole.ensure = () => {
    if (filled) return;
    filled = true;
    fill(body);
  };
  whole.open = open;
  whole.addEventListener("toggle", () => {
    if (whole.open) whole.ensure();
  });
  if (open) whole.ensure();
  return whole;
}

// Fill all parts below an element, those inside of parts too.
function ensureAll(element) {
  for (const part of element.querySelectorAll("details.part")) {
    part.ensure();
    ensureAll(part);
  }
}

// A table; a cell is text or an element.
function table(marks, titles, rows) {
  const head = make("tr", "", {}, ...titles.map((title) => make("th", "", { scope: "col" }, title)));
  const body = rows.map((cells) =>
    cells instanceof Element ? cells : make("tr", "", {}, ...cells.map((cell) => make("td", "", {}, cell))));
  const whole = make("table", marks, {}, make("thead", "", {}, head), make("tbody", "", {}, ...body));
  return make("div", "scrolls", { tabindex: "0", role: "group", "aria-label": "table" }, whole);
}

function copyButton(text) {
  const control = button("small", "copy", "Copy to the clipboard", () => {
    navigator.clipboard.writeText(text()).then(
      () => { control.textContent = "copied"; },
      () => { control.textContent = "not allowed"; },
    );
    setTimeout(() => { control.textContent = "copy"; }, 1500);
  });
  return control;
}

// Entry: read the document that the page carries and show the page of its command.

const PAGES = {
  "kimpact/paths/1": pathsPage,
};

function start() {
  const answer = JSON.parse(document.getElementById("document").textContent);
  PAGES[answer.schema](answer);
}

start();

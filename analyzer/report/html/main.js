// Entry: read the document that the page carries and show the page of its command.

const PAGES = {
  "kimpact/paths/1": pathsPage,
  "kimpact/callers/1": callersPage,
  "kimpact/slots/1": slotsPage,
  "kimpact/matrix/1": matrixPage,
  "kimpact/explain/1": explainPage,
  "kimpact/configs/1": configsPage,
  "kimpact/check/1": checkPage,
  "kimpact/review/1": reviewPage,
};

const answer = JSON.parse(document.getElementById("document").textContent);
PAGES[answer.schema](answer);

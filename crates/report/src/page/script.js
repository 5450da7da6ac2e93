"use strict";
// Reads charts out, by pointer and by arrow keys.
for (const element of document.querySelectorAll("script[data-of]")) {
  const chart = document.getElementById(element.dataset.of);
  const readout = document.querySelector('[data-for="' + element.dataset.of + '"]');
  const data = JSON.parse(element.textContent);
  const cursor = chart.querySelector(".cursor");
  let at = -1;
  readout.textContent = "Point at the chart, or move through it with the arrow keys.";
  const show = (column) => {
    at = Math.max(0, Math.min(data.columns.length - 1, column));
    const [max, ...layers] = data.columns[at];
    const time = new Date(data.start + at * data.step).toISOString().replace("T", " ").slice(0, 19);
    const parts = layers
      .map((value, layer) => [value, data.names[layer]])
      .filter(([value]) => value > 0)
      .sort((a, b) => b[0] - a[0])
      .map(([value, name]) => name + " " + value);
    readout.textContent = time + " UTC: at most " + max + (parts.length > 1 ? " (" + parts.join(", ") + ")" : "");
    const x = data.left + ((at + 0.5) * data.width) / data.columns.length;
    cursor.setAttribute("x1", x);
    cursor.setAttribute("x2", x);
    cursor.style.visibility = "visible";
  };
  chart.addEventListener("pointermove", (event) => {
    const box = chart.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * chart.viewBox.baseVal.width;
    show(Math.floor(((x - data.left) / data.width) * data.columns.length));
  });
  chart.addEventListener("keydown", (event) => {
    if (event.key === "Home" || event.key === "End") {
      show(event.key === "Home" ? 0 : data.columns.length - 1);
      event.preventDefault();
    }
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20 }[event.key];
    if (step) {
      show(at < 0 ? 0 : at + step);
      event.preventDefault();
    }
  });
}
// Sorts tables by the heading that is pressed. What has no value comes last.
for (const heading of document.querySelectorAll("th")) {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...heading.childNodes);
  heading.append(button);
  button.addEventListener("click", () => {
    const index = heading.cellIndex;
    const isNumber = heading.classList.contains("n");
    const direction = heading.getAttribute("aria-sort") === (isNumber ? "descending" : "ascending") ? -1 : 1;
    const first = isNumber ? -1 : 1;
    for (const other of heading.parentNode.children) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", first * direction > 0 ? "ascending" : "descending");
    const body = heading.closest("table").tBodies[0];
    const number = (row) => (row.cells[index].dataset.k === undefined ? null : Number(row.cells[index].dataset.k));
    const compare = (a, b) => {
      if (!isNumber) return a.cells[index].textContent.localeCompare(b.cells[index].textContent) * first * direction;
      const [x, y] = [number(a), number(b)];
      if (x === null || y === null) return (x === null) - (y === null);
      return (x - y) * first * direction;
    };
    body.append(...[...body.rows].sort(compare));
  });
}

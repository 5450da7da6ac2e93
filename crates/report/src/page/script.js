"use strict";
// Reads charts out, by pointer and by arrow keys.
for (const element of document.querySelectorAll("script[data-of]")) {
  const chart = document.getElementById(element.dataset.of);
  const readout = document.querySelector('[data-for="' + element.dataset.of + '"]');
  const data = JSON.parse(element.textContent);
  const cursor = chart.querySelector(".cursor");
  let at = -1;
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
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20 }[event.key];
    if (step) {
      show(at < 0 ? 0 : at + step);
      event.preventDefault();
    }
  });
}
// Sorts tables by the heading that is pressed.
for (const heading of document.querySelectorAll("th")) {
  heading.tabIndex = 0;
  const sort = () => {
    const index = heading.cellIndex;
    const down = heading.getAttribute("aria-sort") !== "descending";
    for (const other of heading.parentNode.children) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    const body = heading.closest("table").tBodies[0];
    const key = (row) => {
      const cell = row.cells[index];
      return cell.dataset.k === undefined ? cell.textContent : Number(cell.dataset.k);
    };
    const rows = [...body.rows].sort((a, b) => {
      const [x, y] = [key(a), key(b)];
      return typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y));
    });
    if (down) rows.reverse();
    body.append(...rows);
  };
  heading.addEventListener("click", sort);
  heading.addEventListener("keydown", (event) => {
    if (event.key === "Enter") sort();
  });
}

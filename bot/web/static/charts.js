// Draws the charts of the numbers page from the data that stands in it; the table below says the same without scripts.
const data = JSON.parse(document.getElementById("series").dataset.series);
const COLOURS = ["#07853f", "#8a5200"];
const axis = { stroke: "#595959", grid: { stroke: "#eee", width: 1 }, ticks: { show: false } };

function draw(place, options, rows) {
  const chart = new uPlot({ width: place.clientWidth, height: 220, cursor: { drag: { x: false } }, ...options }, rows, place);
  new ResizeObserver(() => chart.setSize({ width: place.clientWidth, height: 220 })).observe(place);
}

for (const place of document.querySelectorAll("[data-chart]")) {
  const names = place.dataset.names.split(",");
  draw(place, {
    tzDate: ts => uPlot.tzDate(new Date(ts * 1000), "UTC"),
    axes: [{ ...axis, values: (_, at) => at.map(ts => { const day = new Date(ts * 1000); return `${day.getUTCMonth() + 1}/${day.getUTCDate()}`; }), space: 60 }, { ...axis, size: 44 }],
    series: [{ label: place.dataset.day, value: (_, ts) => ts == null ? "" : new Date(ts * 1000).toISOString().slice(0, 10) },
      ...names.map((label, at) => ({ label, stroke: COLOURS[at], width: 2, dash: at ? [6, 4] : undefined, points: { size: 5 } }))],
  }, [data.days, ...place.dataset.chart.split(",").map(key => data[key])]);
}

for (const place of document.querySelectorAll("[data-hours]")) {
  draw(place, {
    scales: { x: { time: false } },
    axes: [{ ...axis, values: (_, at) => at.map(hour => `${hour}:00`), space: 40 }, { ...axis, size: 44 }],
    series: [{ label: place.dataset.hour, value: (_, hour) => hour == null ? "" : `${hour}:00` }, { label: place.dataset.names, stroke: COLOURS[0], fill: "#07853f33", paths: uPlot.paths.bars({ size: [0.8, 40] }), points: { show: false } }],
  }, [[...Array(24).keys()], data.hours]);
}

// Curves, bars and a heat map by ECharts, of which only these parts are built in. Colours come from the style sheet, sizes
// from the reader's print. Nothing moves by itself, and nothing is put into the page as HTML (strict CSP): the tips are
// drawn in the canvas. Each chart hides behind aria-hidden, for its table says the same.
import { BarChart, HeatmapChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TooltipComponent, VisualMapComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

use([LineChart, BarChart, HeatmapChart, GridComponent, LegendComponent, TooltipComponent, VisualMapComponent, CanvasRenderer]);

const charts = new Map();

function style() {
  const found = getComputedStyle(document.body);
  const colour = (name) => found.getPropertyValue(name).trim();
  const root = parseFloat(getComputedStyle(document.documentElement).fontSize);
  return { colour, font: found.fontFamily, size: Math.round(root * 0.8) };
}

function frame({ colour, font, size }) {
  const text = { color: colour('--c-text-2'), fontSize: size, fontFamily: font };
  const line = { lineStyle: { color: colour('--c-edge') } };
  return {
    text,
    axis: { axisLine: { show: false }, axisTick: { show: false }, axisLabel: text, splitLine: line },
    base: {
      animation: false,
      textStyle: { fontFamily: font, color: colour('--c-text') },
      tooltip: {
        renderMode: 'richText',
        confine: true,
        backgroundColor: colour('--c-panel-2'),
        borderColor: colour('--c-edge'),
        textStyle: { color: colour('--c-text'), fontSize: size, fontFamily: font },
      },
    },
  };
}

const KINDS = {
  curves(data, look) {
    const { text, axis, base } = frame(look);
    const colours = [look.colour('--c-gui'), look.colour('--c-pine')];
    return {
      ...base,
      tooltip: { ...base.tooltip, trigger: 'axis', valueFormatter: (n) => `${n} ${data.unit}` },
      legend: { right: 0, top: 0, itemWidth: 16, itemHeight: 8, textStyle: text },
      grid: { left: 4, right: 12, top: look.size * 2.4, bottom: 2, containLabel: true },
      xAxis: { type: 'category', data: data.labels, boundaryGap: false, ...axis, splitLine: { show: false } },
      yAxis: { type: 'value', minInterval: 1, splitNumber: 3, ...axis },
      series: data.series.map((one, n) => ({
        name: one.name,
        type: 'line',
        data: one.data,
        showSymbol: data.labels.length < 3,
        symbol: n ? 'rect' : 'circle',
        lineStyle: { width: 2.5, color: colours[n], type: n ? 'dashed' : 'solid' },
        itemStyle: { color: colours[n] },
        areaStyle: n ? undefined : { color: colours[n], opacity: 0.12 },
      })),
    };
  },
  bars(data, look) {
    const { text, axis, base } = frame(look);
    const rows = [...data.rows].reverse();
    return {
      ...base,
      tooltip: { ...base.tooltip, valueFormatter: (n) => `${n} ${data.unit}` },
      grid: { left: 2, right: look.size * 3.5, top: 2, bottom: 2, containLabel: true },
      xAxis: { type: 'value', show: false },
      yAxis: { type: 'category', data: rows.map((row) => row.name), ...axis, axisLabel: { ...text, color: look.colour('--c-text'), width: look.size * 8, overflow: 'truncate' } },
      series: [
        {
          type: 'bar',
          barMaxWidth: 12,
          data: rows.map((row) => ({ value: row.n, itemStyle: { color: look.colour(`--c-${row.tone}`) || look.colour('--c-pine'), borderRadius: 6 } })),
          label: { show: true, position: 'right', ...text, color: look.colour('--c-text'), fontWeight: 600 },
        },
      ],
    };
  },
  heat(data, look) {
    const { text, axis, base } = frame(look);
    const hours = Array.from({ length: 24 }, (none, hour) => `${hour}${data.hour}`);
    const steps = [0, 1, 2, 3, 4].map((step) => look.colour(`--c-step-${step}`));
    return {
      ...base,
      tooltip: { ...base.tooltip, formatter: ({ value }) => `${data.days[value[1]]} ${value[0]}:00  ${value[2]} ${data.unit}` },
      grid: { left: 2, right: 8, top: 4, bottom: 2, containLabel: true },
      xAxis: { type: 'category', data: hours, ...axis, axisLabel: { ...text, interval: 2, hideOverlap: true }, splitLine: { show: false } },
      yAxis: { type: 'category', data: data.days, inverse: true, ...axis, axisLabel: { ...text, interval: 0 }, splitLine: { show: false } },
      visualMap: { show: false, min: 0, max: Math.max(1, data.most), inRange: { color: [...steps, look.colour('--c-gui')] } },
      series: [{ type: 'heatmap', data: filled(data.cells), itemStyle: { borderRadius: 3, borderColor: look.colour('--c-panel'), borderWidth: 2 } }],
    };
  },
};

/** Every hour of the week, those without any call too. */
function filled(cells) {
  const known = new Map(cells.map(([hour, day, n]) => [`${hour} ${day}`, n]));
  const all = [];
  for (let day = 0; day < 7; day += 1) for (let hour = 0; hour < 24; hour += 1) all.push([hour, day, known.get(`${hour} ${day}`) || 0]);
  return all;
}

function optionOf(host) {
  const data = JSON.parse(document.getElementById(host.dataset.chart).textContent);
  return KINDS[data.kind](data, style());
}

/** The chart's room instead of its table, which stays for those who ask for it and for screen readers. */
export function prepare(host) {
  const panel = host.closest('[data-panel]');
  panel.classList.add('hy-panel--drawn');
  const toggle = panel.querySelector('[data-table]');
  if (toggle) toggle.hidden = false;
}

/** Draws a chart into its place, or brings the one that stands there up to date. */
export function draw(host) {
  prepare(host);
  const known = charts.get(host.id);
  if (known && known.getDom() === host) {
    known.setOption(optionOf(host), { notMerge: true });
    return;
  }
  if (known) known.dispose();
  const chart = init(host, null, { renderer: 'canvas' });
  chart.setOption(optionOf(host));
  charts.set(host.id, chart);
}

/** Lets go of the chart of a panel that is gone. */
export function drop(id) {
  const known = charts.get(id);
  if (known) known.dispose();
  charts.delete(id);
}

/** After the window or the print changed. */
export function restyle() {
  charts.forEach((chart) => chart.resize());
}

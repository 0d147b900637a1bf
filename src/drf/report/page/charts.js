
'use strict';
// The charts, by uPlot: all on the same updates, so that what is pointed at or looked at closer in one is in all.
(() => {
  const host = document.getElementById('charts');
  if (!host) return;
  const runs = JSON.parse(document.getElementById('data').textContent).runs;
  const $ = id => document.getElementById(id);
  const slider = $('smooth'), raw = $('raw'), band = $('band');
  let last, widths;
  function fit() {
    last = Math.max(1, ...runs.flatMap(run => run.xs.map(x => x[x.length - 1] - x[0] + 1)));
    widths = [1, 3, 5, 9, 15, 25, 51, 101, 201, 501, 1001, 2001, 5001].filter((w, i) => i === 0 || w <= last);
    slider.max = widths.length - 1;
  }
  const hidden = new Set();  // runs that are not shown
  const PER = 4;  // series of a line: mean, low, high, and each update
  let frame = null;

  const color = i => getComputedStyle(document.documentElement).getPropertyValue('--c' + i % 8).trim();
  const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const shown = v => v === null || v === undefined ? '-' : v !== 0 && (Math.abs(v) < 1e-3 || Math.abs(v) >= 1e5)
    ? v.toExponential(2) : String(Number(v.toPrecision(4)));
  function element(tag, name, text) {
    const e = document.createElement(tag);
    if (name) e.className = name;
    if (text !== undefined) e.textContent = text;
    return e;
  }

  function columns(chart) {
    const width = widths[slider.value];
    const tables = chart.lines.map(({run, key}) => {
      const [axis, values] = runs[run].curves[key], x = runs[run].xs[axis];
      if (!chart.log) {
        const {mean, low, high} = drf.smooth(x, values, width);
        return [x, mean, low, high, values];
      }
      // Where the axis is logarithmic so is the mean.
      const {mean, low, high} = drf.smooth(x, values.map(v => v > 0 ? Math.log(v) : null), width);
      return [x, ...[mean, low, high].map(list => list.map(v => v === null ? null : Math.exp(v))), values.map(v => v > 0 ? v : null)];
    });
    return uPlot.join(tables);
  }

  // A little wider than the values, never so narrow that a tick would change nothing.
  function range(u, low, high) {
    if (low === null || high === null) return [0, 1];
    const least = Math.max(1e-12, 1e-9 * Math.max(Math.abs(low), Math.abs(high)));
    const margin = Math.max(0.05 * (high - low), high - low < least ? 0.1 * Math.max(Math.abs(low), 1e-2) : 0);
    return [low - margin, high + margin];
  }
  const decades = (u, low, high) => low === null || !(low > 0) ? [1, 10]
    : [10 ** Math.floor(Math.log10(low) + 1e-9), 10 ** Math.max(Math.ceil(Math.log10(high) - 1e-9), Math.floor(Math.log10(low) + 1e-9) + 1)];

  const powers = (u, axis, low, high) => {
    const ticks = [];
    for (let e = Math.ceil(Math.log10(low) - 1e-9); 10 ** e <= high * (1 + 1e-9); ++e) ticks.push(10 ** e);
    return ticks;
  };

  // The updates at which a guard gave the alarm: of each measure on its own chart, all of them on the reward's.
  function alarms(chart) {
    const marks = new Set();
    runs.forEach((run, r) => {
      if (hidden.has(r)) return;
      for (const [measure, updates] of Object.entries(run.alarms))
        if (chart.lines.some(line => line.run === r && (line.key === measure || line.key === 'reward')))
          for (const x of updates) marks.add(x);
    });
    return [...marks].sort((a, b) => a - b);
  }
  // From the first of neighbouring alarms, where a triangle stands, to the last.
  function drawAlarms(u, chart) {
    const spans = drf.spans(alarms(chart), u.data[0]);
    const {ctx, bbox} = u, ratio = devicePixelRatio || 1, right = bbox.left + bbox.width;
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = css('--bad');
    ctx.lineWidth = ratio;
    for (const [first, last] of spans) {
      const from = u.valToPos(first, 'x', true), to = u.valToPos(last, 'x', true);
      if (!(to >= bbox.left && from <= right)) continue;
      ctx.globalAlpha = 0.12;
      ctx.fillRect(Math.max(from, bbox.left), bbox.top, Math.min(to, right) - Math.max(from, bbox.left), bbox.height);
      ctx.globalAlpha = 1;
      if (from < bbox.left) continue;
      ctx.beginPath();
      ctx.moveTo(from, bbox.top);
      ctx.lineTo(from, bbox.top + bbox.height);
      ctx.stroke();
      ctx.beginPath();
      ctx.moveTo(from - 5 * ratio, bbox.top);
      ctx.lineTo(from + 5 * ratio, bbox.top);
      ctx.lineTo(from, bbox.top + 8 * ratio);
      ctx.fill();
    }
    ctx.restore();
  }

  // What the lines say at the cursor, or at their ends without one.
  function tell(drawn) {
    const u = drawn.plot, idx = u.cursor.idx, x = u.data[0];
    const at = idx === null || idx === undefined ? x.length - 1 : idx;
    drawn.at.textContent = x.length ? 'update ' + x[at] : '';
    drawn.chart.lines.forEach((line, i) => {
      const value = column => {
        let k = at;
        while (k > 0 && (u.data[column][k] === undefined || u.data[column][k] === null)) --k;
        return u.data[column][k];
      };
      const mean = value(1 + PER * i), high = value(3 + PER * i);
      const low = value(2 + PER * i), has = v => v !== null && v !== undefined;
      drawn.values[i].textContent = shown(mean) + (!band.checked || !has(high) || !has(low) || !(high > mean) ? ''
        : drawn.chart.log ? ' (' + shown(low) + ' to ' + shown(high) + ')' : ' \u00b1 ' + shown(high - mean));
    });
  }

  function visible(drawn, line, part) {
    if (hidden.has(line.run) || drawn.off.has(line)) return false;
    return part === 0 || (part === 3 ? raw.checked && widths[slider.value] > 1 : band.checked && widths[slider.value] > 1);
  }

  function draw(drawn) {
    const {chart, box} = drawn, grid = {stroke: css('--line'), width: 1};
    const series = [{}], bands = [];
    chart.lines.forEach((line, i) => {
      const ink = color(line.color), dash = line.color >= 8 ? [6, 3] : undefined;
      series.push({stroke: ink, width: 2, dash, points: {size: 4}, show: visible(drawn, line, 0)});
      for (const part of [1, 2]) series.push({stroke: 'transparent', width: 0, points: {show: false}, show: visible(drawn, line, part)});
      series.push({stroke: ink + '59', width: 1, points: {show: false}, show: visible(drawn, line, 3)});
      bands.push({series: [3 + PER * i, 2 + PER * i], fill: ink + '2e'});
    });
    const axis = {stroke: css('--soft'), grid, ticks: grid, font: '11px system-ui,sans-serif'};
    const scale = drawn.plot ? {min: drawn.plot.scales.x.min, max: drawn.plot.scales.x.max} : null;
    if (drawn.plot) drawn.plot.destroy();
    drawn.plot = new uPlot({
      width: Math.max(120, box.clientWidth), height: 210, legend: {show: false}, series, bands,
      scales: {x: {time: false}, y: chart.log ? {distr: 3, range: decades} : {range}},
      axes: [{...axis, size: 28}, {...axis, size: 58, ...(chart.log ? {splits: powers, filter: (u, ticks) => ticks} : {}), values: (u, ticks) => ticks.map(v => v === null ? '' : shown(v))}],
      cursor: {sync: {key: 'drf', setSeries: false, scales: ['x', null]}, y: false, points: {size: 6}, drag: {x: true, y: false}},
      hooks: {draw: [u => drawAlarms(u, chart)], setCursor: [() => drawn.plot && tell(drawn)]},
    }, columns(chart), box);
    if (scale && scale.min !== null && drf.zoomed) drawn.plot.setScale('x', scale);
    tell(drawn);
  }
  function drawAll() {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => {
      $('window').textContent = widths[slider.value] > 1 ? 'mean over ' + widths[slider.value] + ' updates' : 'none';
      drf.drawn.forEach(draw);
    });
  }

  function whole() {
    drf.zoomed = false;
    for (const {plot} of drf.drawn) plot.setScale('x', {min: plot.data[0][0], max: plot.data[0][plot.data[0].length - 1]});
  }
  function zoom(u, factor) {
    const {min, max} = u.scales.x, x = u.data[0], centre = u.cursor.idx === null || u.cursor.idx === undefined
      ? (min + max) / 2 : x[u.cursor.idx];
    drf.zoomed = true;
    for (const {plot} of drf.drawn) plot.setScale('x', {min: centre - (centre - min) * factor, max: centre + (max - centre) * factor});
  }
  function onKey(event, drawn) {
    const u = drawn.plot, x = u.data[0], at = u.cursor.idx === null || u.cursor.idx === undefined ? x.length - 1 : u.cursor.idx;
    const moves = {ArrowLeft: at - (event.shiftKey ? 10 : 1), ArrowRight: at + (event.shiftKey ? 10 : 1), Home: 0, End: x.length - 1};
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key in moves) {
      const to = Math.max(0, Math.min(x.length - 1, moves[event.key]));
      for (const {plot} of drf.drawn) plot.setCursor({left: plot.valToPos(x[to], 'x'), top: plot.over.clientHeight / 2});
    } else if (event.key === '+' || event.key === '=') zoom(u, 0.6);
    else if (event.key === '-') zoom(u, 1 / 0.6);
    else if (event.key === 'Escape') whole();
    else return;
    event.preventDefault();
  }

  function place(chart) {
    const card = element('div', 'chart'), keys = element('div', 'keys'), box = element('div');
    const drawn = {chart, box, plot: null, at: element('span', 'at'), values: [], off: new Set(), card};
    card.tabIndex = 0;
    card.setAttribute('role', 'group');
    card.setAttribute('aria-label', chart.title);
    card.append(drawn.at, element('h3', '', chart.title), keys, box);
    chart.lines.forEach(line => {
      const key = element('button', 'key', line.name + ' '), value = element('b');
      key.type = 'button';
      key.style.setProperty('--color', 'var(--c' + line.color % 8 + ')');
      key.setAttribute('aria-pressed', 'true');
      key.append(value);
      key.addEventListener('click', () => {
        drawn.off.has(line) ? drawn.off.delete(line) : drawn.off.add(line);
        key.setAttribute('aria-pressed', String(!drawn.off.has(line)));
        draw(drawn);
      });
      drawn.values.push(value);
      keys.append(key);
    });
    card.addEventListener('keydown', event => { if (event.target === card) onKey(event, drawn); });
    box.addEventListener('mouseup', () => { drf.zoomed = true; });
    box.addEventListener('dblclick', whole);
    host.append(card);
    drf.drawn.push(drawn);
  }

  drf.charts(runs).forEach(place);
  fit();
  // About a tenth of the run.
  slider.value = Math.max(0, widths.findLastIndex(w => w <= last / 10));
  for (const input of [slider, raw, band]) input.addEventListener('input', drawAll);
  $('whole').addEventListener('click', whole);
  document.querySelector('.controls').hidden = false;
  if (runs.length > 1) {
    runs.forEach((run, r) => {
      const button = element('button', '', run.name);
      button.type = 'button';
      button.style.setProperty('--color', 'var(--c' + r % 8 + ')');
      button.setAttribute('aria-pressed', 'true');
      button.addEventListener('click', () => {
        hidden.has(r) ? hidden.delete(r) : hidden.add(r);
        button.setAttribute('aria-pressed', String(!hidden.has(r)));
        drawAll();
      });
      $('runs').append(button);
    });
    $('runs').hidden = false;
  }
  const every = Math.max(...runs.map(run => run.every));
  if (every > 1) host.before(element('p', 'hint', 'Of a long run each ' + every + 'th update is in this file.'));
  // The same curves, longer by now.
  drf.update = data => {
    data.runs.forEach((run, r) => Object.assign(runs[r], run));
    fit();
    drawAll();
  };
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
  new ResizeObserver(() => {
    for (const {plot, box} of drf.drawn)
      if (plot && Math.abs(plot.width - box.clientWidth) > 1) plot.setSize({width: Math.max(120, box.clientWidth), height: 210});
  }).observe(host);
  drawAll();
})();

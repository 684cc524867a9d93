// The task stream: one row a slot, time to the right, colour by stage, empty is idle. The server gives no more tiles than there are
// pixels, so a hundred thousand tasks cost what a thousand do.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { html } from "ui/html";
import { follow, get, recorded } from "ui/feed";
import { attempt, ms, plural, seconds, stageName, worker } from "ui/format";
import { colourOf } from "ui/graph";
import { AGAIN } from "ui/parts";

const NUMBERS = 7;
const ROW = 16, GAP = 2, AXIS = 20;
const MostHeight = 480;
const FAILED = 1, RUNNING = 255;
const ends = { 0: "succeeded", 1: "failed", 2: "input lost", 3: "cancelled", 255: "running" };

// A step of 1, 2 or 5 times a power of ten that leaves a label enough room.
function stepOf(span, width) {
  const rough = span / Math.max(1, width / 110);
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5, 10].find(n => n * power >= rough) ?? 10);
}

function draw(canvas, tiles, view, colours, highlighted, picked) {
  const ratio = window.devicePixelRatio || 1;
  const width = canvas.clientWidth, height = tiles.rows.length * ROW + AXIS;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.height = `${height}px`;
  }

  const style = getComputedStyle(canvas);
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = style.getPropertyValue("--idle");
  context.fillRect(0, 0, width, height);
  const scale = width / (view.to - view.from);
  const step = stepOf(view.to - view.from, width);
  context.font = "11px system-ui, sans-serif";
  for (let at = Math.ceil(view.from / step) * step; at <= view.to; at += step) {
    const x = (at - view.from) * scale;
    context.fillStyle = style.getPropertyValue("--line");
    context.fillRect(x, 0, 1, height - AXIS + 4);
    context.fillStyle = style.getPropertyValue("--soft");
    context.fillText(ms(at), x + 3, height - 5);
  }

  const paints = tiles.stages.map(output => style.getPropertyValue(colours.get(output) ?? "--stage-7"));
  const failed = style.getPropertyValue("--failed"), soft = style.getPropertyValue("--soft"), text = style.getPropertyValue("--text");
  const list = tiles.tiles;
  for (let i = 0; i < list.length; i += NUMBERS) {
    const x = (list[i + 1] - view.from) * scale, length = list[i + 2] * scale;
    if (x + length < 0 || x > width) continue;
    const y = list[i] * ROW + GAP, end = list[i + 4];
    context.globalAlpha = picked || highlighted && tiles.stages[list[i + 3]] !== highlighted ? 0.2 : end === RUNNING ? 0.6 : 1;
    context.fillStyle = paints[list[i + 3]];
    context.fillRect(x, y, Math.max(0.75, length > 3 ? length - 0.5 : length), ROW - GAP);
    if (end !== 0 && end !== RUNNING) {
      // A bar of its own: not by colour alone.
      context.fillStyle = end === FAILED ? failed : soft;
      context.fillRect(x, y, Math.max(2, length), 4);
      context.fillStyle = text;
      context.fillRect(x + Math.max(2, length) - 2, y, 2, ROW - GAP);
    }
  }

  context.globalAlpha = 1;
  const row = picked ? tiles.rows.findIndex(one => one.worker === picked.worker && one.lane === picked.lane) : -1;
  if (row < 0) return;
  const x = (picked.at - view.from) * scale, length = Math.max(3, picked.seconds * 1000 * scale), y = row * ROW + GAP;
  context.fillStyle = paints[tiles.stages.indexOf(picked.output)] ?? failed;
  context.fillRect(x, y, length, ROW - GAP);
  context.strokeStyle = text;
  context.lineWidth = 2;
  context.strokeRect(x - 1, y - 1, length + 2, ROW - GAP + 2);
}

// What the bars in the stream say, in the order of the legend.
const signs = [["failed", "failed attempt", end => end === FAILED], ["nothing", "cancelled, or its input was lost", end => end === 2 || end === 3], ["running", "running", end => end === RUNNING]];

export function TaskStream({ job, stages, live, chosen, picked }) {
  const canvas = useRef(null);
  const [tiles, setTiles] = useState(null);
  // Null shows all there is.
  const [view, setView] = useState(null);
  const [hover, setHover] = useState("");
  const [fault, setFault] = useState("");
  const drag = useRef(null);
  const wanted = useRef(null);
  wanted.current = view;

  useEffect(() => {
    let over = false, asking = false, again = false, last = 0;
    const ask = async () => {
      if (over) return;
      if (asking) { again = true; return; }
      asking = true;
      const pixels = Math.round((canvas.current?.clientWidth || 1000) * Math.min(2, window.devicePixelRatio || 1));
      const part = wanted.current;
      // A little more on either side, so that panning finds something there.
      const range = part ? `&from=${Math.max(0, part.from - (part.to - part.from) / 2)}&to=${part.to + (part.to - part.from) / 2}` : "";
      try {
        const answer = await get(`/api/v1/jobs/${job}/stream?pixels=${part ? 2 * pixels : pixels}${range}`);
        if (!over) setFault("");
        if (!over && answer) setTiles(answer);
      } catch (error) {
        if (!over) setFault(error.message);
      }
      last = performance.now();
      asking = false;
      if (again) { again = false; ask(); }
    };
    const waits = setTimeout(ask, tiles && view ? 120 : 0);
    const stop = live ? follow(() => { if (performance.now() - last > AGAIN) ask(); }) : () => {};
    return () => { over = true; clearTimeout(waits); stop(); };
  }, [job, live, recorded ? null : view]);

  useEffect(() => {
    if (picked && view && (picked.at + picked.seconds * 1000 < view.from || picked.at > view.to)) setView(null);
  }, [picked]);
  const shown = tiles && (view ?? { from: 0, to: tiles.end });
  const colours = new Map(stages.map((stage, i) => [stage.output, colourOf(i)]));
  useLayoutEffect(() => {
    if (!tiles || !canvas.current) return;
    const paint = () => draw(canvas.current, tiles, shown, colours, chosen, picked);
    paint();
    window.addEventListener("resize", paint);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", paint);
    return () => { window.removeEventListener("resize", paint); dark.removeEventListener("change", paint); };
  });

  if (!tiles) return html`<div class="stream"><canvas ref=${canvas} />${fault ? html`<p class="warning">${fault}</p>` : null}</div>`;

  const zoom = (factor, around = 0.5) => {
    const span = shown.to - shown.from, middle = shown.from + span * around;
    const next = Math.min(tiles.end * 1.02, Math.max(0.01, span * factor));
    const from = Math.max(0, Math.min(middle - next * around, tiles.end * 1.02 - next));
    setView(next >= tiles.end ? null : { from, to: from + next });
  };
  const pan = part => {
    if (!view) return;
    const span = view.to - view.from;
    const from = Math.max(0, Math.min(view.from + span * part, tiles.end * 1.02 - span));
    setView({ from, to: from + span });
  };
  const key = event => {
    const act = { "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2), ArrowLeft: () => pan(-0.2), ArrowRight: () => pan(0.2), "0": () => setView(null) }[event.key];
    if (act) { event.preventDefault(); act(); }
  };
  const wheel = event => {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      zoom(event.deltaY > 0 ? 1.25 : 0.8, event.offsetX / canvas.current.clientWidth);
    } else if (event.deltaX !== 0) {
      pan(event.deltaX / canvas.current.clientWidth);
    }
  };
  const move = event => {
    if (drag.current !== null) {
      pan((drag.current - event.offsetX) / canvas.current.clientWidth);
      drag.current = event.offsetX;
      return;
    }
    const row = Math.floor(event.offsetY / ROW), at = shown.from + event.offsetX / canvas.current.clientWidth * (shown.to - shown.from);
    const list = tiles.tiles;
    for (let i = 0; i < list.length; i += NUMBERS) {
      if (list[i] === row && list[i + 1] <= at && at <= list[i + 1] + list[i + 2]) {
        const stage = stages.find(one => one.output === tiles.stages[list[i + 3]]);
        const what = list[i + 6] > 1 ? `${plural(list[i + 6], "task")}` : `partition ${list[i + 5]}`;
        return setHover(`Stage ${stage ? stageName(stage) : "?"}, ${what}: ${ends[list[i + 4]] ?? "ended"}, ${ms(list[i + 2])}, at ${ms(list[i + 1])}, ${worker(tiles.rows[row].worker)}`);
      }
    }
    setHover(tiles.rows[row] ? `Idle: ${worker(tiles.rows[row].worker)}, slot ${tiles.rows[row].lane}` : "");
  };

  const drawn = tiles.tiles.length / NUMBERS;
  const seen = new Set();
  for (let i = 4; i < tiles.tiles.length; i += NUMBERS) seen.add(tiles.tiles[i]);
  const told = picked && `Chosen: partition ${picked.partition}, attempt ${attempt(picked.attempt)} of stage ${stageName(picked.stage)}: ${picked.result}, ${seconds(picked.seconds)}, at ${ms(picked.at)}, ${worker(picked.worker)}`;
  return html`
    <div class="stream">
      <div class="tools" role="group" aria-label="Zoom">
        <button type="button" onClick=${() => zoom(0.5)} aria-label="Zoom in">+</button>
        <button type="button" onClick=${() => zoom(2)} aria-label="Zoom out">−</button>
        <button type="button" onClick=${() => pan(-0.3)} aria-label="Earlier" disabled=${!view}>←</button>
        <button type="button" onClick=${() => pan(0.3)} aria-label="Later" disabled=${!view}>→</button>
        <button type="button" onClick=${() => setView(null)} disabled=${!view}>All</button>
        <span class="note">${ms(shown.from)} to ${ms(shown.to)} · ${plural(tiles.rows.length, "slot")}</span>
      </div>
      <div class="scroll" style=${{ maxHeight: `${MostHeight}px` }}>
        <canvas ref=${canvas} tabindex="0" role="img" data-tiles=${drawn} onKeyDown=${key} onWheel=${wheel} onPointerMove=${move}
          onPointerDown=${event => { drag.current = event.offsetX; canvas.current.setPointerCapture(event.pointerId); }}
          onPointerUp=${() => { drag.current = null; }} onPointerLeave=${() => setHover("")}
          aria-label=${`Task stream: ${plural(tiles.rows.length, "slot")}, ${ms(tiles.end)}. Plus and minus zoom, arrow keys move, 0 shows all.`} />
      </div>
      ${fault ? html`<p class="warning">${fault}</p>` : null}
      <p class="hover" role="status">${hover || told || "Point at a task, or choose one of the slowest below. Empty is idle."}</p>
      <ul class="legend">${stages.filter(stage => tiles.stages.includes(stage.output)).map(stage => html`
        <li><span class="swatch" style=${{ background: `var(${colours.get(stage.output)})` }}></span>${`Stage ${stageName(stage)}`}</li>`)}
        ${signs.filter(([, , is]) => [...seen].some(is)).map(([name, words]) => html`<li><span class=${`swatch ${name}`}></span>${words}</li>`)}
      </ul>
    </div>`;
}

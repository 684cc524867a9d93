// A job's stages as a graph: what is read by what. Laid out by dagre, drawn as SVG.
import { Graph, layout } from "dagre";
import { html } from "ui/html";
import { bytes, plural, seconds } from "ui/format";

const WIDTH = 230, LINE = 17;
const MostDrawn = 150;

const cut = (text, n) => text.length > n ? text.slice(0, n - 1) + "…" : text;

// Colours of stages in the order of the plan; told apart by the colour-blind, and named beside.
export const colourOf = i => `--stage-${i % 8}`;

const linesOf = stage => [
  cut(stage.operators.length > 1 ? stage.operators.slice(-4).join(" → ") : stage.operator, 29),
  ...(stage.sources.length ? [cut(stage.sources.slice(-2).join(", "), 29)] : []),
  `${plural(stage.partitions, "partition")}${stage.seconds > 0 ? `, ${seconds(stage.seconds)}` : ""}`,
  stage.state === "reused" ? "reused: it was there already" : stage.reused ? `${stage.reused} of them reused` : `${bytes(stage.bytes)} out`,
];

export function StageGraph({ stages, chosen, choose }) {
  if (stages.length > MostDrawn) {
    return html`<p class="hint">${stages.length} stages are too many to draw: the table below has them all.</p>`;
  }

  const graph = new Graph();
  graph.setGraph({ rankdir: "LR", nodesep: 24, ranksep: 44, marginx: 6, marginy: 6 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const stage of stages) graph.setNode(stage.output, { width: WIDTH, height: (linesOf(stage).length + 1) * LINE + 14 });
  for (const stage of stages) {
    for (const parent of stage.parents) {
      if (graph.hasNode(parent)) graph.setEdge(parent, stage.output);
    }
  }

  layout(graph);
  const { width, height } = graph.graph();
  return html`
    <div class="scroll graph" tabindex="0" role="region" aria-label="Stages as a graph">
      <svg viewBox=${`0 0 ${width} ${height}`} width=${width} height=${height} role="group" aria-label="Stages">
        ${graph.edges().map(edge => {
          const [first, ...rest] = graph.edge(edge).points;
          return html`<path class="edge" d=${`M${first.x} ${first.y}` + rest.map(p => `L${p.x} ${p.y}`).join("")} />`;
        })}
        ${stages.map((stage, i) => {
          const { x, y, width, height } = graph.node(stage.output);
          const press = event => {
            if (event.type === "click" || event.key === "Enter" || event.key === " ") {
              event.preventDefault();
              choose(stage.output);
            }
          };
          return html`
            <g class=${`stage ${stage.state} ${chosen === stage.output ? "chosen" : ""}`} transform=${`translate(${x - width / 2} ${y - height / 2})`}
              tabindex="0" role="button" aria-pressed=${chosen === stage.output}
              onClick=${press} onKeyDown=${press}>
              <rect width=${width} height=${height} rx="6" />
              <rect width="6" height=${height} rx="3" style=${{ fill: `var(${colourOf(i)})` }} class="band" />
              <text x="16" y=${LINE + 2} class="title">${`Stage ${stage.stage} · ${stage.kind} · ${stage.state}`}</text>
              ${linesOf(stage).map((line, n) => html`<text x="16" y=${(n + 2) * LINE + 3}>${line}</text>`)}
            </g>`;
        })}
      </svg>
    </div>`;
}

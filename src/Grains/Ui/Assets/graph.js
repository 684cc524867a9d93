// A job's stages as a graph: what is read by what. Laid out by dagre, drawn as SVG.
import { Graph, layout } from "dagre";
import { html } from "ui/html";
import { bytes, plural, seconds, stageName } from "ui/format";

const WIDTH = 250, LINE = 17;
const LETTERS = 33;
const MostDrawn = 150;

// Text in lines that fit the box: between words where it can, since what is cut off can be read by nobody.
export function wrap(text, most = LETTERS) {
  const lines = [];
  if (!text) return lines;
  for (let word of text.split(" ")) {
    if (lines.length && lines.at(-1).length + 1 + word.length <= most) {
      lines[lines.length - 1] += ` ${word}`;
      continue;
    }

    for (; word.length > most; word = word.slice(most)) lines.push(word.slice(0, most));
    lines.push(word);
  }

  return lines;
}

// Colours of stages in the order of the plan; told apart by the colour-blind, and named beside.
export const colourOf = i => `--stage-${i % 8}`;

const linesOf = stage => [
  ...wrap(stage.line ?? ""),
  ...(stage.feeds ? wrap(`for ${stage.feeds}`) : []),
  `${plural(stage.partitions, "partition")}, ${stage.state}${stage.seconds > 0 ? `, ${seconds(stage.seconds)}` : ""}`,
  stage.state === "reused" ? "reused: it was there already" : stage.reused ? `${stage.reused} of them reused` : `${bytes(stage.bytes)} out`,
];

export function StageGraph({ stages, chosen, choose }) {
  if (stages.length > MostDrawn) {
    return html`<p class="hint">${stages.length} stages are too many to draw: the table below has them all.</p>`;
  }

  const graph = new Graph();
  graph.setGraph({ rankdir: "LR", nodesep: 24, ranksep: 44, marginx: 6, marginy: 6 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const stage of stages) graph.setNode(stage.output, { width: WIDTH, height: (wrap(stageName(stage)).length + linesOf(stage).length) * LINE + 14 });
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
              ${[...wrap(stageName(stage)).map(line => [line, "title"]), ...linesOf(stage).map(line => [line, ""])]
                .map(([line, kind], n) => html`<text x="16" y=${(n + 1) * LINE + 2} class=${kind}>${line}</text>`)}
            </g>`;
        })}
      </svg>
    </div>`;
}

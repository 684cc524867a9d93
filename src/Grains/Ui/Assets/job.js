// One job: its stages as a graph, the stream of its tasks, how they spread, what failed and why.
import { useState } from "preact/hooks";
import { html } from "ui/html";
import { recorded } from "ui/feed";
import { bytes, clock, count, ms, percent, seconds, worker } from "ui/format";
import { Spread } from "ui/charts";
import { colourOf, StageGraph } from "ui/graph";
import { AdviceList } from "ui/lists";
import { Confirm, Figure, State, Table, useAnswer, useCluster } from "ui/parts";
import { TaskStream } from "ui/stream";

const at = t => `+${ms(Math.max(0, t))}`;

export function Job({ id }) {
  const { cluster, control } = useCluster();
  const [chosen, setChosen] = useState(null);
  const listed = cluster?.jobs.find(job => job.id === id);
  const [live, setLive] = useState(!recorded);
  const { value: detail, error } = useAnswer(`/api/v1/jobs/${id}`, live);
  if (error && !detail) return html`<p class="hint">${error}</p>`;
  if (detail === null) return html`<h1>Job</h1><p class="hint">Nobody remembers this job any more.</p>`;
  if (!detail) return html`<p class="hint">Asking the workers…</p>`;
  const { job, stages, failures, notes, advice } = detail;
  const running = job.state === "running" || listed?.state === "running";
  if (live !== (running && !recorded)) setLive(running && !recorded);
  const choose = output => setChosen(chosen === output ? null : output);
  const stage = stages.find(one => one.output === chosen);
  const again = notes.filter(note => note.again);
  const tasks = stages.reduce((n, one) => n + one.tasks, 0);
  const columns = [
    ["stage", one => html`<button type="button" class="plain" aria-pressed=${chosen === one.output} onClick=${() => choose(one.output)}>
      <span class="swatch" style=${{ background: `var(${colourOf(stages.indexOf(one))})` }}></span>${`${one.stage} ${one.operator}`}</button>`],
    ["source", one => one.sources.at(-1) ?? ""],
    ["state", one => html`<${State} of=${one.state} />`],
    ["tasks", one => `${count(one.tasks)}/${count(one.partitions)}`, true],
    ["running", one => one.running || "", true],
    ["failed", one => one.failed || "", true],
    ["retries", one => one.retries || "", true],
    ["reused", one => one.reused || "", true],
    ["time", one => seconds(one.seconds), true],
    ["task time", one => seconds(one.taskSeconds), true],
    ["records", one => count(one.records), true],
    ["out", one => bytes(one.bytes), true],
    ["read", one => bytes(one.inputBytes), true],
    ["shuffle read", one => bytes(one.shuffleReadBytes), true],
    ["remote", one => bytes(one.remoteReadBytes), true],
    ["spilled", one => bytes(one.spilledBytes), true],
  ];
  return html`
    <header class="title">
      <h1>${job.name || "Job"} <${State} of=${job.state} /></h1>
      ${control && job.own && running ? html`<${Confirm} text="Cancel" sure="Really cancel?" label=${job.name} path=${`/api/v1/jobs/${id}/cancel`} />` : null}
    </header>
    <p class="note">${id}${job.group ? ` · group ${job.group}` : ""}${job.owner ? ` · of ${job.owner}` : ""} · ${clock(job.started)}</p>
    ${job.waits ? html`<p class="warning">It waits for ${job.waits}.</p>` : null}
    ${job.error ? html`<pre class="error">${job.error}</pre>` : null}
    <dl class="figures">
      <${Figure} name="time" value=${seconds(job.seconds)} note=${`${seconds(stages.reduce((n, one) => n + one.taskSeconds, 0))} of tasks`} />
      <${Figure} name="tasks" value=${count(tasks)} note=${`${count(stages.reduce((n, one) => n + one.failed, 0))} failed, ${count(stages.reduce((n, one) => n + one.retries, 0))} tried again`} />
      <${Figure} name="read of shuffles" value=${bytes(stages.reduce((n, one) => n + one.shuffleReadBytes, 0))} note=${`${bytes(stages.reduce((n, one) => n + one.remoteReadBytes, 0))} from other workers`} />
      <${Figure} name="spilled" value=${bytes(stages.reduce((n, one) => n + one.spilledBytes, 0))} />
    </dl>
    ${advice.length ? html`<section><h2>Advice</h2><${AdviceList} advice=${advice} /></section>` : null}
    <section><h2>Stages</h2>
      <${StageGraph} stages=${stages} chosen=${chosen} choose=${choose} />
      <${Table} caption="Stages of the job" columns=${columns} rows=${stages} keyOf=${one => one.output} mark=${one => one.output === chosen} empty="Its stages are not known yet." />
    </section>
    ${stage ? html`<section aria-label="Chosen stage"><h2>${`Stage ${stage.stage}: ${stage.operators.join(" → ")}`}</h2>
      <dl class="lines">
        <dt>lines</dt><dd>${stage.sources.join(", ") || "no symbols were found"}</dd>
        ${stage.slowest ? html`<dt>slowest</dt><dd>${`partition ${stage.slowest.partition} on ${worker(stage.slowest.worker)}: ${seconds(stage.slowest.seconds)}, ${percent(stage.slowest.share)} of the stage's task time, read ${bytes(stage.slowest.readBytes)}, gave ${count(stage.slowest.records)} records`}</dd>` : null}
      </dl></section>` : null}
    <section><h2>Tasks over time</h2>
      <${TaskStream} job=${id} stages=${stages} live=${live} chosen=${chosen} />
    </section>
    <section><h2>How tasks spread</h2>
      <${Table} caption="Least, a quarter, half, three quarters, most" rows=${stages.filter(one => one.time.length)} keyOf=${one => one.output} empty="No task has ended yet."
        columns=${[
          ["stage", one => `${one.stage} ${one.operator}`],
          ["time", one => html`<${Spread} of=${one.time} format=${ms} title="Time" />`],
          ["records", one => html`<${Spread} of=${one.taskRecords} format=${count} title="Records" />`],
          ["bytes", one => html`<${Spread} of=${one.taskBytes} format=${bytes} title="Bytes" />`],
        ]} />
    </section>
    <section><h2>Why tasks ran again</h2>
      <${Table} caption="Attempts that came to nothing" rows=${again} empty="None did."
        columns=${[
          ["at", note => at(note.at), true], ["stage", note => note.stage, true], ["partition", note => note.partition ?? "open ones", true],
          ["attempt", note => note.attempt ?? "", true], ["worker", note => note.worker ? worker(note.worker) : ""],
          ["ended", note => note.result ?? "goes on"], ["because", note => note.reason],
        ]} />
    </section>
    <section><h2>Failures</h2>
      ${failures.length === 0 ? html`<p class="hint">None.</p>` : failures.slice(-20).reverse().map((one, i) => html`
        <details key=${i} open=${i === 0}>
          <summary>${`${at(one.at)} stage ${one.stage}, partition ${one.partition}, attempt ${one.attempt}: ${(one.error ?? "").split("\n")[0]}`}</summary>
          <p class="note">${`${worker(one.worker)}${one.operator ? ` · in ${one.operator}` : ""}`}</p>
          <pre>${one.error}${one.stack ? `\n${one.stack}` : ""}</pre>
        </details>`)}
    </section>`;
}

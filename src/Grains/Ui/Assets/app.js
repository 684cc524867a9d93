// The frame around the views, and which of them the address names.
import { useEffect, useState } from "preact/hooks";
import { html, render } from "ui/html";
import { recorded } from "ui/feed";
import { Job } from "ui/job";
import { Advice, Datasets, Workers } from "ui/lists";
import { Overview } from "ui/overview";
import { useCluster } from "ui/parts";

const views = [["overview", "Overview", Overview], ["datasets", "Datasets", Datasets], ["workers", "Workers", Workers], ["advice", "Advice", Advice]]
  .filter(([name]) => !recorded || name !== "datasets");

// What a link does not show, said once: in place of each value stands who may see it.
const sees = {
  read: () => "This link shows names and figures. Keys, texts of errors and what tasks said are for a job's owner and admins.",
  submit: name => `This link shows names and figures of all jobs. Keys, texts of errors and what tasks said it shows of ${name}'s own.`,
};

const placeOf = () => location.hash.replace(/^#\//, "").split("/");

function App() {
  const { cluster, connected, session } = useCluster();
  const [place, setPlace] = useState(placeOf());
  useEffect(() => {
    const go = () => { setPlace(placeOf()); window.scrollTo(0, 0); };
    window.addEventListener("hashchange", go);
    return () => window.removeEventListener("hashchange", go);
  }, []);
  const [name, id] = place;
  const view = views.find(([known]) => known === name) ?? views[0];
  const isJob = name === "job" && /^[0-9a-f]{32}$/.test(id ?? "");
  // A job that has ended changes no more. The list has those that run, up to fifty.
  const over = isJob && cluster && cluster.jobs.find(job => job.id === id)?.state !== "running";
  useEffect(() => { document.title = `${isJob ? "Job" : view[1]} · MicroSpark`; });
  return html`
    <a class="skip" href="#main" onClick=${event => { event.preventDefault(); document.getElementById("main").focus(); }}>To the content</a>
    <header class="top">
      <strong>MicroSpark</strong>
      <nav aria-label="Views">${views.map(([known, title]) => html`
        <a href=${`#/${known}`} aria-current=${!isJob && known === view[0] ? "page" : null}>${title}</a>`)}</nav>
      <span class=${`link ${!connected ? "off" : recorded || over ? "past" : "on"}`} role="status">${!connected ? "no connection" : recorded || over ? "recorded" : "live"}</span>
      ${sees[session?.role] ? html`<p class="note who">${sees[session.role](session.name)}</p>` : null}
    </header>
    <main id="main" tabindex="-1">${isJob ? html`<${Job} id=${id} key=${id} />` : html`<${view[2]} />`}</main>`;
}

const root = document.getElementById("app");
root.textContent = "";
render(html`<${App} />`, root);

// Only what cannot be done without a script: live arrivals, and uploads with progress. Text is set as
// text and never as markup. Without this file the pages say the same when they are loaded again.
"use strict";

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

function live(place) {
  const words = place.querySelector(".live-words");
  const list = place.querySelector(".arrivals");
  const reload = place.querySelector(".live-reload");
  let heard = false;
  let gap = false;
  const alive = (yes) => {
    // what happened while nothing was heard is on the page when it is loaded again
    if (yes && gap) reload.hidden = false;
    gap = !yes && heard;
    heard = heard || yes;
    place.hidden = false;
    place.classList.toggle("is-alive", yes);
    words.textContent = yes ? place.dataset.on : place.dataset.off;
  };
  const source = new EventSource(place.dataset.live);
  source.addEventListener("state", (event) => alive(JSON.parse(event.data).alive));
  source.addEventListener("arrived", (event) => {
    const told = JSON.parse(event.data);
    const item = element("li", "is-" + told.kind);
    item.append(element("span", "tag is-" + told.kind, list.dataset[told.kind] || told.kind), " ");
    if (told.report && /^[0-9a-f]+$/.test(told.report)) {
      const link = element("a", "", told.agency || told.file);
      link.href = "/reports/" + told.report;
      item.append(link, " ", String(told.year || ""), " ");
      const counts = told.counts || {};
      for (const severity of ["error", "warning"]) {
        if (counts[severity]) {
          item.append(element("span", "count sev-" + severity, counts[severity] + " " + list.dataset[severity]), " ");
        }
      }
      if (!counts.error && !counts.warning) item.append(element("span", "count is-clean", list.dataset.clean));
    } else {
      item.append(told.file, " ", told.reason || "");
    }
    list.prepend(item);
    while (list.children.length > 12) list.lastChild.remove();
    reload.hidden = false;
  });
  source.onerror = () => alive(false);
}

function uploads(form) {
  const list = document.getElementById("progress");
  const input = form.querySelector("input[type=file]");
  const limit = Number(form.dataset.limit);

  const show = (item, state, more) => {
    const end = item.querySelector(".end");
    end.className = "end tag is-" + (state || "way");
    end.textContent = state ? list.dataset[state] || state : list.dataset.way;
    item.querySelector(".more").replaceChildren(...(more ? [more] : []));
    if (state) item.dataset.done = "1";
  };

  const line = (name) => {
    const item = element("li");
    const bar = element("progress");
    bar.max = 1;
    bar.value = 0;
    const end = element("span", "end tag is-way");
    end.append(bar);
    const file = element("span", "file", name);
    file.lang = "zh-CN";
    item.append(file, " ", end, " ", element("span", "more"));
    list.prepend(item);
    return item;
  };

  const send = (file) => new Promise((done) => {
    const item = line(file.name);
    if (file.size > limit) {
      show(item, "refused", element("span", "", form.dataset.large));
      done();
      return;
    }
    const body = new FormData();
    body.append("csrf", form.elements.csrf.value);
    body.append("file", file);
    const request = new XMLHttpRequest();
    request.open("POST", form.getAttribute("action"));
    request.setRequestHeader("Accept", "application/json");
    request.upload.onprogress = (event) => {
      const bar = item.querySelector("progress");
      if (bar && event.lengthComputable) bar.value = event.loaded / event.total;
    };
    request.onload = () => {
      if (request.status === 200) {
        const told = JSON.parse(request.responseText)[0];
        item.dataset.d = told.document + ":" + told.name;
        show(item, null);
      } else {
        show(item, "dead", element("span", "", String(request.status)));
      }
      done();
    };
    request.onerror = () => { show(item, "dead"); done(); };
    request.send(body);
  });

  const all = async (files) => { for (const file of files) await send(file); };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const files = [...input.files];
    form.reset();
    all(files);
  });
  for (const name of ["dragover", "dragenter"]) {
    form.addEventListener(name, (event) => { event.preventDefault(); form.classList.add("is-over"); });
  }
  form.addEventListener("dragleave", () => form.classList.remove("is-over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("is-over");
    all([...event.dataTransfer.files]);
  });

  const look = async () => {
    const open = [...list.querySelectorAll("li[data-d]:not([data-done])")].slice(0, 50);
    if (open.length) {
      const query = new URLSearchParams(open.map((item) => ["d", item.dataset.d]));
      try {
        const answer = await fetch("/upload/states?" + query, { headers: { Accept: "application/json" } });
        const states = answer.ok ? await answer.json() : [];
        states.forEach((told, n) => {
          if (!told.state) return;
          let more = null;
          if (told.report) {
            more = element("a", "", told.name);
            more.href = "/reports/" + told.report;
          } else if (told.detail) {
            more = element("span", "", told.detail[document.documentElement.lang === "en" ? 1 : 0] || told.reason);
          }
          show(open[n], told.state, more);
        });
      } catch { /* away for now: asked again */ }
    }
    setTimeout(look, 1000);
  };
  look();
}

const place = document.querySelector("[data-live]");
if (place && window.EventSource) live(place);
const form = document.getElementById("drop");
if (form) uploads(form);
// the tree of divisions is in the way of a phone until it is wanted
if (window.matchMedia("(max-width: 60rem)").matches) document.querySelector(".side .fold")?.removeAttribute("open");
const box = document.querySelector(".sheet .box");
if (box) {
  // where facts and picture share a column of their own, only that one moves
  const column = box.closest(".right");
  const below = box.getBoundingClientRect().bottom - column.getBoundingClientRect().bottom;
  if (below > 0) column.scrollTop += below + column.clientHeight / 4;
}
const lit = document.querySelector(".lines[data-follow='1'] .lit");
if (lit) {
  const box = lit.closest(".lines");
  box.scrollTop = lit.offsetTop - box.clientHeight / 2;
}

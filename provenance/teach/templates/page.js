"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const SVG = "http://www.w3.org/2000/svg";
  const T = [0, 0, 12.71, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];
  const DASH = ["", "8 4", "2 4", "10 4 2 4", "5 3", "14 5", "1 4", "7 3 2 3 2 3", "3 2"];
  const $ = id => document.getElementById(id);
  document.documentElement.classList.add("js");

  // --- numbers
  const short = v => {
    const a = Math.abs(v);
    if (a >= 1e6) return +(v / 1e6).toPrecision(3) + "M";
    if (a >= 1e4) return +(v / 1e3).toPrecision(3) + "k";
    if (a >= 1000) return Math.round(v).toLocaleString("en");
    return a && a < 1e-4 ? v.toExponential(0) : String(+v.toPrecision(3));
  };
  const interval = runs => {
    const n = runs.length, mean = runs.reduce((a, b) => a + b, 0) / n;
    if (n < 2) return [mean, mean, mean];
    const spread = Math.sqrt(runs.reduce((a, b) => a + (b - mean) ** 2, 0) / (n - 1) / n);
    const reach = spread * (T[n] || 1.96 + 2.5 / (n - 1));
    return [mean, mean - reach, mean + reach];
  };

  // --- drawing
  const el = (name, attributes, parent, text) => {
    const node = document.createElementNS(SVG, name);
    for (const key in attributes) node.setAttribute(key, attributes[key]);
    if (text !== undefined) node.textContent = text;
    if (parent) parent.appendChild(node);
    return node;
  };
  const canvas = (place, height, title, words) => {
    const width = Math.max(290, Math.round(place.clientWidth || 640));
    const svg = el("svg", {class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": title});
    el("title", {}, svg, title);
    el("desc", {}, svg, words);
    place.replaceChildren(svg);
    return [svg, width];
  };
  const fit = (node, room) => {
    const need = node.getComputedTextLength();
    if (need > room) node.style.fontSize = 13 * room / need + "px";
  };
  // No share lies below 0 or above 1, whatever a t interval says.
  const within = (rows, runs, log) => {
    if (log || runs.some(v => v < 0 || v > 1)) return rows;
    return rows.map(([mean, low, high]) => [mean, Math.max(0, low), Math.min(1, high)]);
  };
  const scale = (low, high, start, stop, log) => {
    const f = log ? Math.log10 : v => v;
    const a = f(low), b = f(high);
    return v => start + Math.min(1, Math.max(0, (f(Math.max(v, log ? 1e-300 : v)) - a) / ((b - a) || 1))) * (stop - start);
  };
  const ticks = (low, high, log, about) => {
    const found = [];
    if (log) {
      const from = Math.floor(Math.log10(low)), to = Math.ceil(Math.log10(high));
      for (const marks of [[1, 2, 5], [1, 3], [1]]) {
        found.length = 0;
        for (let p = from; p <= to; p++) for (const m of marks) {
          const v = m * 10 ** p;
          if (v >= low * 0.999 && v <= high * 1.001) found.push(+v.toPrecision(6));
        }
        if (found.length <= about + 2) return found;
      }
      const step = Math.ceil(found.length / (about + 2));
      return found.filter((_, i) => i % step === 0);
    }
    let step = 10 ** Math.floor(Math.log10((high - low) / about));
    for (const m of [1, 2, 2.5, 5, 10]) if ((high - low) / (step * m) <= about + 0.5) { step *= m; break; }
    for (let v = Math.ceil(low / step - 1e-9) * step; v <= high + 1e-9; v += step) found.push(+v.toPrecision(10));
    return found;
  };
  const extent = (values, log) => {
    const fine = values.filter(v => Number.isFinite(v) && (!log || v > 0));
    let low = Math.min(...fine), high = Math.max(...fine);
    if (log) return [low / 1.08, high * 1.08];
    const room = (high - low) * 0.06 || 0.1;
    return [low === 0 ? 0 : low - room, high + room];
  };
  const path = points => "M" + points.map(p => p[0].toFixed(1) + " " + p[1].toFixed(1)).join("L");

  function lines(place, figure, seeds, look) {
    const [svg, width] = canvas(place, 380, figure.title, figure.description);
    const narrow = width < 480;
    const runs = figure.lines.flatMap(line => line.runs.flat());
    const rows = figure.lines.map(line => within(line.x.map((_, i) => interval(line.runs.slice(0, seeds).map(run => run[i]))), runs, figure.log_y));
    const xs = figure.lines.flatMap(line => line.x);
    const ys = rows.flat().flat().concat(figure.lines.flatMap(line => line.runs.slice(0, seeds).flat()), figure.rules.map(r => r[1]));
    const [x0, x1] = [Math.min(...xs), Math.max(...xs)];
    const [y0, y1] = look && look.range || extent(figure.log_y ? ys.filter(v => v > 0) : ys, figure.log_y);
    const X = scale(x0, x1, 46, width - 12, figure.log_x), Y = scale(y0, y1, 336, 26, figure.log_y);
    for (const v of ticks(x0, x1, figure.log_x, narrow ? 3 : 6)) {
      el("line", {class: "grid", x1: X(v), x2: X(v), y1: 26, y2: 336}, svg);
      el("text", {x: X(v), y: 354, "text-anchor": X(v) > width - 26 ? "end" : "middle"}, svg, short(v));
    }
    for (const v of ticks(y0, y1, figure.log_y, 6)) {
      el("line", {class: "grid", x1: 46, x2: width - 12, y1: Y(v), y2: Y(v)}, svg);
      el("text", {x: 40, y: Y(v) + 4, "text-anchor": "end"}, svg, short(v));
    }
    el("line", {class: "axis", x1: 46, x2: width - 12, y1: 336, y2: 336}, svg);
    fit(el("text", {x: (46 + width) / 2, y: 374, "text-anchor": "middle"}, svg, figure.x_label), width - 46);
    fit(el("text", {class: "name", x: 0, y: 13}, svg, figure.y_label), width);
    for (const [name, level] of figure.rules) {
      el("line", {class: "rule", x1: 46, x2: width - 12, y1: Y(level), y2: Y(level)}, svg);
      el("text", {x: width - 14, y: Y(level) - 6, "text-anchor": "end"}, svg, name);
    }
    const order = figure.lines.map((_, k) => k);
    if (look) order.sort((a, b) => (a === look.chosen) - (b === look.chosen));
    for (const k of order) {
      const line = figure.lines[k], colour = `var(--c${k % 9})`, row = rows[k];
      const faint = look && k !== look.chosen && k !== look.beside ? " faint" : "";
      const floor = v => figure.log_y ? Math.max(v, y0) : v;
      if (seeds > 1) {
        const up = line.x.map((x, i) => [X(x), Y(floor(row[i][2]))]), down = line.x.map((x, i) => [X(x), Y(floor(row[i][1]))]);
        el("path", {class: "band" + faint, fill: colour, d: path(up.concat(down.reverse())) + "Z"}, svg);
      }
      const strong = look && k === look.chosen;
      if (strong) for (const run of line.runs.slice(0, seeds))
        el("path", {class: "seed", stroke: colour, d: path(line.x.map((x, i) => [X(x), Y(floor(run[i]))]))}, svg);
      el("path", {class: "line" + faint + (strong ? " strong" : ""), stroke: colour, "stroke-dasharray": strong ? "" : DASH[k % 9],
        d: path(line.x.map((x, i) => [X(x), Y(floor(row[i][0]))]))}, svg);
      line.x.forEach((x, i) => {
        const dot = el("circle", {class: faint.trim(), fill: colour, cx: X(x), cy: Y(floor(row[i][0])), r: strong ? 4.5 : 3}, svg);
        el("title", {}, dot, `${line.name} at ${short(x)}: ${short(row[i][0])}`);
      });
    }
    if (look && look.at !== undefined) {
      const line = figure.lines[look.chosen], i = look.at, x = X(line.x[i]), y = Y(rows[look.chosen][i][0]);
      el("line", {class: "cursor", x1: x, x2: x, y1: 26, y2: 336}, svg);
      el("circle", {cx: x, cy: y, r: 8, fill: "none", stroke: "currentColor", "stroke-width": 2}, svg);
    }
    return rows;
  }

  function bars(place, figure, seeds) {
    const kinds = [...new Set(figure.bars.map(bar => bar.series))];
    const names = [...new Set(figure.bars.map(bar => bar.name))];
    const rowHeight = 24, gap = 30, top = figure.rules.length ? 24 : 6;
    const height = top + names.length * gap + figure.bars.length * rowHeight + 52;
    const [svg, width] = canvas(place, height, figure.title, figure.description);
    const values = within(figure.bars.map(bar => interval(bar.runs.slice(0, seeds))), figure.bars.flatMap(bar => bar.runs), false);
    const all = values.flat().concat(figure.rules.map(r => r[1]), [0]);
    const low = Math.min(0, ...all), high = Math.max(...all) * 1.02;
    const X = scale(low, high, 4, width - 56), bottom = height - 44;
    for (const v of ticks(low, high, false, width < 480 ? 3 : 6)) {
      el("line", {class: "grid", x1: X(v), x2: X(v), y1: top, y2: bottom}, svg);
      el("text", {x: X(v), y: bottom + 17, "text-anchor": v === low ? "start" : "middle"}, svg, short(v));
    }
    el("line", {class: "axis", x1: 4, x2: width - 56, y1: bottom, y2: bottom}, svg);
    fit(el("text", {x: width / 2, y: bottom + 36, "text-anchor": "middle"}, svg, figure.x_label), width);
    for (const [name, level] of figure.rules) {
      el("line", {class: "rule", x1: X(level), x2: X(level), y1: top, y2: bottom}, svg);
      el("text", {x: X(level), y: top - 8, "text-anchor": X(level) < 40 ? "start" : "middle"}, svg, name);
    }
    let y = top, last = null;
    figure.bars.forEach((bar, i) => {
      if (bar.name !== last) {
        y += gap;
        fit(el("text", {class: "name", x: 4, y: y - 7}, svg, bar.name), width - 8);
        last = bar.name;
      }
      const [mean, a, b] = values[i], colour = `var(--c${kinds.indexOf(bar.series) % 9})`;
      const from = Math.min(X(0), X(mean)), size = Math.max(1.5, Math.abs(X(mean) - X(0)));
      const rect = el("rect", {class: "bar", x: from, y, width: size, height: 17, rx: 3, fill: colour}, svg);
      el("title", {}, rect, `${bar.name} ${bar.series}: ${short(mean)}`);
      if (seeds > 1 && bar.runs.length > 1) el("path", {class: "whisker", d: `M${X(a)} ${y + 8.5}H${X(b)}M${X(a)} ${y + 4}v9M${X(b)} ${y + 4}v9`}, svg);
      el("text", {class: "name", x: Math.max(X(mean), X(b)) + 7, y: y + 13}, svg, short(mean));
      y += rowHeight;
    });
    return kinds;
  }

  function keys(list, names, square, chosen) {
    list.replaceChildren(...names.map((name, k) => {
      const item = document.createElement("li");
      const mark = el("svg", {width: square ? 13 : 30, height: 13, "aria-hidden": "true"}, item);
      if (square) el("rect", {width: 13, height: 13, rx: 3, fill: `var(--c${k % 9})`}, mark);
      else el("line", {x1: 0, x2: 30, y1: 7, y2: 7, stroke: `var(--c${k % 9})`, "stroke-width": 3, "stroke-dasharray": DASH[k % 9]}, mark);
      item.append(name);
      if (k === chosen) item.className = "on";
      return item;
    }));
  }

  // --- figures of all lessons
  function draw(node) {
    const result = data[node.dataset.lesson], figure = result.figures.find(f => f.name === node.dataset.figure);
    const place = node.querySelector(".drawing");
    let list = node.querySelector(".keys");
    if (!list) {
      list = document.createElement("ul");
      list.className = "keys";
      place.after(list);
    }
    if (figure.bars.length) {
      const kinds = bars(place, figure, result.seeds);
      keys(list, kinds.length > 1 ? kinds : [], true);
    } else {
      lines(place, figure, result.seeds);
      keys(list, figure.lines.map(line => line.name), false);
    }
  }

  // --- the lab of the first lesson
  const first = data["logits-vs-text"];
  const KINDS = ["text", "the 5 likeliest", "the 20 likeliest", "12 draws a position", "all logits"];
  const NAMES = {
    full: "full logits", draws: "12 sampled logits", "20b": "top 20, rest as one bucket", "20r": "top 20, renormalised",
    "5b": "top 5, rest as one bucket", "5r": "top 5, renormalised", text: "text, one sample", cool: "text at temperature 0.7", greedy: "greedy text",
  };
  let view = 0, drawn = 0, drawSeed = 7;
  const random = () => { drawSeed = (drawSeed * 1103515245 + 12345) % 2147483648; return drawSeed / 2147483648; };
  const heats = [0, 0.7, 1];
  const target = () => {
    const access = +$("access").value, bucket = +$("rest").value ? "b" : "r";
    return [["greedy", "cool", "text"][+$("heat").value], "5" + bucket, "20" + bucket, "draws", "full"][access];
  };
  function sample(chances) {
    let u = random() * chances.reduce((a, b) => a + b, 0);
    for (let k = 0; k < chances.length; k++) if ((u -= chances[k]) <= 0) return k;
    return chances.length - 1;
  }
  function mind() {
    const position = first.extra.positions[view], access = +$("access").value, heat = heats[+$("heat").value];
    let chances = position.chances;
    if (access === 0 && heat) {
      const raised = chances.map(p => p ** (1 / heat)), total = raised.reduce((a, b) => a + b, 0);
      chances = raised.map(p => p / total);
    }
    const counts = new Array(chances.length).fill(0);
    let bar = i => chances[i], shown = () => true, said = i => (100 * chances[i]).toFixed(1) + " %";
    if (access === 0) { drawn = heat ? sample(chances) : 0; shown = i => i === drawn; said = i => i === drawn ? "drawn" : ""; }
    if (access === 1 || access === 2) { const k = access === 1 ? 5 : 20; shown = i => i < k; said = i => i < k ? (100 * chances[i]).toFixed(1) + " %" : ""; }
    if (access === 3) {
      for (let n = 0; n < 12; n++) counts[sample(chances)]++;
      shown = i => counts[i] > 0; said = i => counts[i] ? counts[i] + " of 12" : "";
    }
    $("so-far").textContent = position.so_far || "(the beginning)";
    const rows = Math.min(window.innerWidth < 600 ? 14 : 24, chances.length), list = [...Array(rows).keys()];
    if (access === 0 && drawn >= rows) list[rows - 1] = drawn;
    const most = Math.max(...chances);
    $("words").replaceChildren(...list.map(i => {
      const row = document.createElement("div"), word = document.createElement("span"), mark = document.createElement("i"), number = document.createElement("span");
      word.textContent = position.words[i];
      mark.style.width = Math.max(0.3, 100 * bar(i) / most) + "%";
      number.textContent = said(i);
      if (shown(i)) row.className = "shown";
      row.append(word, mark, number);
      return row;
    }));
    const seen = list.filter(shown).length;
    $("words").setAttribute("aria-label", `The ${rows} likeliest of ${chances.length} next words; the interface shows ${access === 4 ? "all" : seen}: `
      + list.filter(shown).slice(0, 5).map(i => position.words[i] + " " + said(i)).join(", "));
    $("again").hidden = !(access === 0 && heat) && access !== 3;
  }
  function crossing(x, y, level) {
    for (let k = 0; k < y.length; k++) if (y[k] <= level)
      return k ? x[k - 1] * (x[k] / x[k - 1]) ** (Math.log(y[k - 1] / level) / Math.log(y[k - 1] / y[k])) : x[0];
    return Infinity;
  }
  let range = null;
  function lab(again) {
    const figure = first.figures[0], seeds = +$("seeds").value, at = +$("bought").value, access = +$("access").value;
    const index = name => figure.lines.findIndex(line => line.name === name);
    const chosen = index(NAMES[target()]), text = index(NAMES.text), line = figure.lines[chosen];
    $("access-said").textContent = KINDS[access];
    [...$("chips").children].forEach((chip, k) => chip.setAttribute("aria-pressed", String(k === access)));
    $("heat-said").textContent = heats[+$("heat").value];
    $("rest-said").textContent = +$("rest").value ? "one bucket" : "renormalised away";
    $("bought-said").textContent = line.x[at].toLocaleString("en");
    $("seeds-said").textContent = seeds;
    for (const id of ["access", "heat", "rest", "bought", "seeds"]) $(id).setAttribute("aria-valuetext", $(id + "-said").textContent);
    $("heat-control").hidden = access !== 0;
    $("rest-control").hidden = access !== 1 && access !== 2;
    if (!range) range = extent(figure.lines.flatMap(l => l.runs.flat()), true);
    const rows = lines($("curves"), figure, seeds, {chosen, beside: text, at, range});
    keys($("curve-keys"), figure.lines.map(l => l.name), false, chosen);
    const [mean, low, high] = rows[chosen][at];
    $("distance").textContent = short(+mean.toPrecision(3)) + " nats";
    $("distance-said").textContent = `from the teacher, with ${line.name} at ${line.x[at].toLocaleString("en")} positions`
      + (seeds > 1 ? ` (95 % interval ${short(+low.toPrecision(3))} to ${short(+high.toPrecision(3))}, n = ${seeds}).` : " (one seed, no interval).");
    const x = line.x, last = x.length - 1, level = rows[text][last][0];
    const need = crossing(x, rows[chosen].map(r => r[0]), level);
    $("factor").textContent = chosen === text ? "1 ×" : Number.isFinite(need) ? `${short(+(need / x[last]).toPrecision(2))} ×` : "never";
    $("factor-said").textContent = chosen === text ? "This is text, what a chat window gives: the measure of the others."
      : Number.isFinite(need) ? `the positions: ${line.name} is as close after ${Math.round(need).toLocaleString("en")} as text after ${x[last].toLocaleString("en")}.`
      : `${line.name} does not come as close, within these budgets, as text after ${x[last].toLocaleString("en")}.`;
    if (again !== false) mind();
  }
  if (first) {
    const x = first.figures[0].lines[0].x;
    $("bought").max = x.length - 1;
    $("bought").value = x.length - 1;
    $("seeds").max = first.seeds;
    $("seeds").value = first.seeds;
    $("bought-low").textContent = short(x[0]);
    $("bought-high").textContent = short(x[x.length - 1]);
    $("chips").replaceChildren(...KINDS.map((kind, k) => {
      const chip = document.createElement("button");
      chip.type = "button";
      chip.textContent = kind;
      chip.addEventListener("click", () => { $("access").value = k; lab(); });
      return chip;
    }));
    for (const id of ["access", "heat", "rest"]) $(id).addEventListener("input", () => lab());
    for (const id of ["bought", "seeds"]) $(id).addEventListener("input", () => lab(false));
    $("again").addEventListener("click", mind);
    $("next-position").addEventListener("click", () => { view = (view + 1) % first.extra.positions.length; mind(); });
  }

  // --- predict, then reveal
  const guesses = {};
  const sections = [...document.querySelectorAll("section.lesson[data-answer]")];
  const redraw = section => {
    section.querySelectorAll("figure[data-figure]").forEach(draw);
    if (section.id === "logits-vs-text" && first) lab(false);
  };
  function reveal(section) {
    section.classList.add("open");
    section.querySelector(".reveal").focus({preventScroll: true}); // the button that had the focus is gone
    const link = document.querySelector(`nav a[href="#${section.id}"]`);
    if (link) link.classList.add("done");
    if (section.id === "logits-vs-text" && first) mind();
    redraw(section);
    const right = Object.values(guesses).filter(Boolean).length, tried = Object.keys(guesses).length;
    $("score").textContent = tried ? `You guessed ${right} of ${tried} as the numbers fell.` : "";
  }
  for (const section of sections) {
    const form = section.querySelector("form"), button = form.querySelector("button[type=submit]");
    form.reset(); // a browser may bring back an old guess
    form.addEventListener("change", () => { button.disabled = false; });
    form.addEventListener("submit", event => {
      event.preventDefault();
      const chosen = new FormData(form).get(section.id);
      if (chosen === null) return;
      guesses[section.id] = chosen === section.dataset.answer;
      form.querySelectorAll("input").forEach(input => { input.disabled = true; });
      reveal(section);
    });
    form.querySelector(".skip").addEventListener("click", () => reveal(section));
  }

  // --- where one is, and width
  const links = [...document.querySelectorAll("nav a")], strip = document.querySelector("nav .wide");
  const here = new IntersectionObserver(entries => {
    for (const entry of entries) if (entry.isIntersecting) for (const link of links) {
      const now = link.getAttribute("href") === "#" + entry.target.id;
      link.classList.toggle("here", now);
      if (now) strip.scrollLeft = link.offsetLeft - strip.offsetLeft - 40;
    }
  }, {rootMargin: "-30% 0px -60% 0px"});
  document.querySelectorAll("section.lesson").forEach(section => here.observe(section));
  let width = window.innerWidth, waiting = 0;
  window.addEventListener("resize", () => {
    if (window.innerWidth === width) return;
    width = window.innerWidth;
    clearTimeout(waiting);
    waiting = setTimeout(() => document.querySelectorAll("section.lesson.open").forEach(redraw), 120);
  });
})();

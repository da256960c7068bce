// Runs the scripts of spending.html in a document that knows what they need of one, and nothing that reaches a network.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import vm from 'node:vm';

const page = readFileSync(new URL('spending.html', import.meta.url), 'utf8');
const scriptOf = (id) => page.match(new RegExp(`<script id="${id}">([\\s\\S]*?)</script>`))[1];

class Element {
  constructor(name, id) {
    Object.assign(this, { name, id, children: [], attributes: {}, listeners: {}, dataset: {}, variables: {}, hidden: false, text: '' });
    this.namespaceURI = 'svg';
    this.clientWidth = 400;
    this.scrollWidth = 400;
    this.scrollHeight = 300;
    this.style = { setProperty: (key, value) => { this.variables[key] = value; } };
  }
  get textContent() { return this.text; }
  set textContent(text) { this.text = String(text); }
  set innerHTML(_) { throw new Error('innerHTML is set'); }
  append(child) { this.children.push(child); }
  replaceChildren() { this.children = []; }
  setAttribute(key, value) { this.attributes[key] = value; }
  addEventListener(type, listener) { (this.listeners[type] ??= []).push(listener); }
  fire(type, event = {}) { for (const listener of this.listeners[type] ?? []) listener({ preventDefault() {}, ...event }); }
  focus() { Element.focused = this; this.fire('focus'); }
}

/** open loads the page and gives a host's side of it. */
function open() {
  const elements = Object.fromEntries([...page.matchAll(/ id="([a-z-]+)"/g)].map(([, id]) => [id, new Element('x', id)]));
  const sent = [], listeners = [], parent = { postMessage: (message, origin) => sent.push({ ...message, origin }) };
  const document = {
    body: new Element('body'), documentElement: new Element('html'), getElementById: (id) => elements[id],
    createElementNS: (space, name) => { assert.equal(space, 'svg'); return new Element(name); },
  };
  const window = { parent, addEventListener: (type, listener) => { assert.equal(type, 'message'); listeners.push(listener); } };
  const observers = [];
  class ResizeObserver {
    constructor(callback) { observers.push(callback); }
    observe() { observers.at(-1)(); }
  }
  vm.runInNewContext(scriptOf('figures') + scriptOf('view'), { window, document, ResizeObserver, URL: undefined });
  const post = (data, source = parent) => { for (const listener of listeners) listener({ source, data: { jsonrpc: '2.0', ...data } }); };
  return { elements, sent, post, root: document.documentElement, notify: (method, params) => post({ method, params }) };
}

/** connect shakes hands. */
function connect(hostContext = {}) {
  const host = open();
  host.post({ id: host.sent[0].id, result: { protocolVersion: '2026-01-26', hostContext } });
  return host;
}

const figures = vm.runInNewContext(`${scriptOf('figures')};({ addCredits, readSpending, groupWeeks, axisTop, spanOf, shorten })`);
const plain = (value) => JSON.parse(JSON.stringify(value));

const spending = {
  days: 3, from: '2026-11-21', to: '2026-11-23', total_credits: '4.3785', complete: true,
  by_day: [{ date: '2026-11-21', credits: '0.4185' }, { date: '2026-11-22', credits: '0' }, { date: '2026-11-23', credits: '3.96' }],
  by_agent: [{ agent: 'contract-reviewer', credits: '3.96' }, { agent: '<img src=x>', credits: '0.4185' }],
};

const bars = (svg) => svg.children.filter((node) => node.attributes.class === 'hit');
const labels = (svg) => bars(svg).map((node) => node.attributes['aria-label']);

test('credits add up exactly', () => {
  for (const [values, want] of [
    [['0.1', '0.2'], '0.3'], [['9007199254740993.000000001', '1'], '9007199254740994.000000001'], [[], '0'], [['1.50', '0.5'], '2'],
    [['0.000000001', '0'], '0.000000001'], [['10', '20'], '30'],
  ]) assert.equal(figures.addCredits(values), want);
});

test('weeks start on Monday and keep the sum', () => {
  const days = plain(figures.readSpending({ spending }).days);
  assert.deepEqual(plain(figures.groupWeeks(days)), [
    { from: '2026-11-21', to: '2026-11-22', credits: '0.4185' }, { from: '2026-11-23', to: '2026-11-23', credits: '3.96' },
  ]);
});

test('what is no spending is none', () => {
  for (const structured of [undefined, null, 'x', {}, { spending: 1 }, { spending: { by_day: [], by_agent: [] } },
    { spending: { by_day: [{ date: 'soon', credits: '1' }], by_agent: [] } },
    { spending: { by_day: [{ date: '2026-11-21', credits: 'NaN' }, null], by_agent: [] } }]) {
    assert.equal(figures.readSpending(structured), null);
  }
});

test('axes end on round figures', () => {
  assert.deepEqual([0, 0.003, 1, 1.1, 3.96, 4.3, 999].map(figures.axisTop), [1, 0.004, 1, 2, 4, 5, 1000].map((n) => n));
});

test('the handshake comes first and holds no figure', () => {
  const host = open();
  assert.deepEqual(host.sent.map(({ method, origin }) => [method, origin]), [['ui/initialize', '*']]);
  assert.equal(host.sent[0].params.protocolVersion, '2026-01-26');
  host.post({ id: 1, result: {} });
  host.notify('ui/notifications/tool-result', { structuredContent: { spending } });
  assert.deepEqual(host.sent.slice(1).map(({ method }) => method), ['ui/notifications/initialized', 'ui/notifications/size-changed']);
  assert.deepEqual(plain(host.sent[2].params), { width: 400, height: 300 });
});

test('a result is drawn, by day and by week', () => {
  const host = connect(), { elements } = host;
  assert.equal(elements.panels.hidden, true);
  host.notify('ui/notifications/tool-input', { arguments: { chart: true } });
  host.notify('ui/notifications/tool-result', { content: [], structuredContent: { spending } });
  assert.equal(elements.panels.hidden, false);
  assert.equal(elements.status.hidden, true);
  assert.equal(elements.title.textContent, 'Spending: 4.3785 credits');
  assert.equal(elements.period.textContent, '21 Nov to 23 Nov 2026 (UTC)');
  assert.deepEqual(labels(elements.time), ['21 Nov 2026: 0.4185 credits', '22 Nov 2026: 0 credits', '23 Nov 2026: 3.96 credits']);
  assert.deepEqual(labels(elements.agent), ['contract-reviewer: 3.96 credits', '<img src=x>: 0.4185 credits']);
  elements['unit-week'].fire('click');
  assert.deepEqual(labels(elements.time), ['21 Nov to 22 Nov 2026: 0.4185 credits', '23 Nov 2026: 3.96 credits']);
  assert.equal(elements['unit-week'].attributes['aria-pressed'], 'true');
  assert.equal(elements['unit-day'].attributes['aria-pressed'], 'false');
});

test('bars tell their value to the pointer and to the keyboard', () => {
  const host = connect(), { elements } = host;
  host.notify('ui/notifications/tool-result', { structuredContent: { spending } });
  const all = bars(elements.time);
  assert.deepEqual(all.map((bar) => bar.attributes.tabindex), ['-1', '-1', '0']);
  all[0].fire('mouseenter');
  assert.equal(elements['time-value'].textContent, '21 Nov 2026: 0.4185 credits');
  all[2].fire('keydown', { key: 'ArrowLeft' });
  assert.equal(Element.focused, all[1]);
  assert.equal(elements['time-value'].textContent, '22 Nov 2026: 0 credits');
  assert.deepEqual(all.map((bar) => bar.attributes.tabindex), ['-1', '0', '-1']);
  all[1].fire('keydown', { key: 'End' });
  all[2].fire('keydown', { key: 'ArrowRight' });
  assert.equal(Element.focused, all[2]);
});

test('without spending it says how to ask for it', () => {
  const host = connect(), { elements } = host;
  host.notify('ui/notifications/tool-result', { structuredContent: { transactions: [] } });
  assert.equal(elements.panels.hidden, true);
  assert.match(elements.status.textContent, /chart set to true/);
  host.notify('ui/notifications/tool-result', { isError: true });
  assert.match(elements.status.textContent, /failed/);
  host.notify('ui/notifications/tool-cancelled', {});
  assert.match(elements.status.textContent, /canceled/);
});

test('rows that are left out are told', () => {
  const host = connect();
  host.notify('ui/notifications/tool-result', { structuredContent: { spending: { ...spending, complete: false } } });
  assert.match(host.elements.period.textContent, /not all rows are counted/);
});

test('theme and colors follow the host, and nothing that loads', () => {
  const host = connect({ theme: 'dark', styles: { variables: {
    '--color-text-primary': '#fff', '--color-background-primary': 'url(https://example.com/x)', '--font-sans': '@import "x"', '--other': 'red',
  } } });
  assert.equal(host.root.dataset.theme, 'dark');
  assert.deepEqual(host.root.variables, { '--color-text-primary': '#fff' });
  host.notify('ui/notifications/host-context-changed', { theme: 'light' });
  assert.equal(host.root.dataset.theme, 'light');
});

test('only the host is heard, and its requests are answered', () => {
  const host = connect();
  const before = host.sent.length;
  host.post({ method: 'ui/notifications/tool-result', params: { structuredContent: { spending } } }, { postMessage() {} });
  assert.equal(host.elements.panels.hidden, true);
  host.notify('toString', {});
  host.post({ id: 7, method: 'ping' });
  host.post({ id: 8, method: 'ui/resource-teardown', params: { reason: 'closed' } });
  host.post({ id: 9, method: 'tools/list' });
  assert.deepEqual(host.sent.slice(before).map(({ id, result, error }) => [id, Boolean(result), error?.code]),
    [[7, true, undefined], [8, true, undefined], [9, false, -32601]]);
});

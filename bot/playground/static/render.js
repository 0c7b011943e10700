// From messages to DOM nodes. Foreign text only ever becomes text nodes.

const time = new Intl.DateTimeFormat("de", { hour: "2-digit", minute: "2-digit" });
const date = new Intl.DateTimeFormat("de", { weekday: "short", day: "2-digit", month: "2-digit", year: "numeric", hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("de", { weekday: "long", day: "numeric", month: "long", year: "numeric" });

export function element(name, properties = {}, ...children) {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
}

export const clockText = (seconds) => time.format(seconds * 1000);
export const dateText = (seconds) => date.format(seconds * 1000);
export const dayText = (seconds) => day.format(seconds * 1000);

export function avatarInto(node, id, name) {
  node.className = `avatar tone-${Math.abs(id) % 6}`;
  node.textContent = name.slice(0, 1).toUpperCase();
}

function safeLink(url) {
  try {
    const { protocol, href } = new URL(url);
    return protocol === "http:" || protocol === "https:" ? href : null;
  } catch {
    return null;
  }
}

function link(url, children) {
  const href = safeLink(url);
  if (!href) return element("span", {}, ...children);
  return element("a", { href, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

function spoiler(children) {
  const node = element("button", { type: "button", className: "spoiler" }, ...children);
  node.setAttribute("aria-label", "Verdeckter Text, zum Aufdecken drücken");
  node.onclick = () => node.replaceWith(element("span", {}, ...node.childNodes));
  return node;
}

function folded(children) {
  const text = element("div", { className: "folded" }, ...children);
  const toggle = element("button", { type: "button", className: "more", textContent: "Mehr anzeigen", hidden: true });
  toggle.setAttribute("aria-expanded", "false");
  toggle.onclick = () => {
    const open = text.classList.toggle("open");
    toggle.setAttribute("aria-expanded", String(open));
    toggle.textContent = open ? "Weniger anzeigen" : "Mehr anzeigen";
  };
  // Whether something is hidden shows only once it has been laid out.
  requestAnimationFrame(() => { toggle.hidden = text.scrollHeight <= text.clientHeight + 2; });
  return element("blockquote", {}, text, toggle);
}

function command(words, act) {
  const node = element("button", { type: "button", className: "command", textContent: words });
  node.onclick = () => act.write(words);
  return node;
}

function marked(entity, words, children, act) {
  switch (entity.type) {
    case "bold": return element("strong", {}, ...children);
    case "italic": return element("em", {}, ...children);
    case "underline": return element("u", {}, ...children);
    case "strikethrough": return element("s", {}, ...children);
    case "code": return element("code", {}, ...children);
    case "pre": return element("pre", {}, element("code", {}, ...children));
    case "blockquote": return element("blockquote", {}, ...children);
    case "expandable_blockquote": return folded(children);
    case "spoiler": return spoiler(children);
    case "text_link": return link(entity.url, children);
    case "url": return link(words.startsWith("www.") ? `https://${words}` : words, children);
    case "date_time": return element("time", { dateTime: new Date(entity.unix_time * 1000).toISOString() }, ...children);
    case "bot_command": return command(words, act);
    case "mention":
    case "hashtag": return element("span", { className: "mark" }, ...children);
    default: return element("span", {}, ...children);
  }
}

const BLOCKS = ["blockquote", "expandable_blockquote", "pre"];

// Entities come outermost first; those inside another are handed down to it. Offsets count
// UTF-16 units, and so do JavaScript's strings.
export function rich(text, entities, act, from = 0, to = text.length) {
  const nodes = [];
  let at = from;
  let rest = entities;
  while (rest.length) {
    const [entity, ...others] = rest;
    const end = Math.min(entity.offset + entity.length, to);
    const inside = others.filter((other) => other.offset < end);
    const start = Math.max(entity.offset, at);
    const block = BLOCKS.includes(entity.type);
    // A block breaks the line by itself: the line break before and after it would be one too many.
    const before = block && text[start - 1] === "\n" ? start - 1 : start;
    if (before > at) nodes.push(text.slice(at, before));
    if (end > start) nodes.push(marked(entity, text.slice(start, end), rich(text, inside, act, start, end), act));
    at = Math.max(at, end);
    if (block && at < to && text[at] === "\n") at += 1;
    rest = others.filter((other) => other.offset >= end);
  }
  if (at < to) nodes.push(text.slice(at, to));
  return nodes;
}

function size(bytes) {
  if (bytes < 1024) return `${bytes} Byte`;
  const unit = bytes < 1024 * 1024 ? [1024, "KB"] : [1024 * 1024, "MB"];
  return `${(bytes / unit[0]).toLocaleString("de", { maximumFractionDigits: 1 })} ${unit[1]}`;
}

function attachment(file, act) {
  const href = act.file(file.file_id);
  if (file.kind === "photo") {
    const image = element("img", { src: href, alt: `Bild ${file.file_name}`, width: file.width, height: file.height });
    return element("a", { href, target: "_blank", rel: "noopener", className: "photo" }, image);
  }
  const suffix = file.file_name.includes(".") ? file.file_name.split(".").pop().slice(0, 4) : "";
  return element("a", { href: `${href}?download`, download: file.file_name, className: "file" },
    element("span", { className: "suffix", textContent: suffix || "?", ariaHidden: "true" }),
    element("span", {},
      element("span", { className: "unseen", textContent: "Datei herunterladen: " }),
      element("span", { className: "name", textContent: file.file_name }),
      element("span", { className: "quiet", textContent: size(file.size) })));
}

function inlineButton(message, button, act) {
  const tone = button.style ? ` ${button.style}` : "";
  if (button.url) {
    const node = link(button.url, [button.text]);
    node.className = `key link${tone}`;
    return node;
  }
  const node = element("button", { type: "button", className: `key${tone}`, textContent: button.text });
  if (button.callback_data) node.onclick = () => act.press(message, button, node);
  else if (button.copy_text) {
    node.classList.add("copy");
    node.onclick = () => act.copy(button.copy_text.text);
  } else node.disabled = true;
  return node;
}

function keyboard(message, act) {
  const rows = message.buttons.map((row) =>
    element("div", { className: "row" }, ...row.map((button) => inlineButton(message, button, act))));
  const node = element("div", { className: "keys" }, ...rows);
  node.setAttribute("role", "group");
  node.setAttribute("aria-label", "Schaltflächen der Nachricht");
  return node;
}

function serviceText(service, name) {
  const names = (service.new_chat_members ?? []).map((user) => user.first_name).join(", ");
  if (names) return `${names} ist jetzt in der Gruppe`;
  if (service.left_chat_member) return `${service.left_chat_member.first_name} hat die Gruppe verlassen`;
  if (service.migrate_to_chat_id) return "Die Gruppe wurde zur Supergruppe; es geht dort weiter";
  if (service.migrate_from_chat_id) return "Supergruppe, entstanden aus einer Gruppe";
  return `Mitteilung von ${name}`;
}

export function separator(seconds) {
  return element("li", { className: "day" }, element("span", { textContent: dayText(seconds) }));
}

// act: what a person can do with a message: write, press, copy, reply, edit, file.
export function messageNode(message, { me, group, answered, act }) {
  if (message.service) {
    return element("li", { className: "service" }, element("span", { textContent: serviceText(message.service, message.from_name) }));
  }
  const mine = message.from_id === me;
  const bubble = element("div", { className: "bubble" });
  const who = mine ? "Ich" : message.from_name;
  bubble.append(element("p", {
    className: group && !mine ? `who tone-${Math.abs(message.from_id) % 6}` : "unseen",
    textContent: who,
  }));
  if (answered) {
    bubble.append(element("p", { className: "answered" },
      element("strong", { textContent: answered.from_id === me ? "Ich" : answered.from_name }), " ",
      element("span", { textContent: answered.text || answered.file?.file_name || "" })));
  }
  if (message.file) bubble.append(attachment(message.file, act));
  if (message.text) bubble.append(element("div", { className: "text" }, ...rich(message.text, message.entities, act)));
  const meta = element("p", { className: "meta" });
  if (mine && !message.file) {
    meta.append(element("button", { type: "button", className: "act", textContent: "Bearbeiten", onclick: () => act.edit(message) }));
  }
  meta.append(element("button", { type: "button", className: "act", textContent: "Antworten", onclick: () => act.reply(message) }));
  const stamp = new Date(message.date * 1000).toISOString();
  if (message.edit_date) meta.append(element("span", { textContent: "bearbeitet" }));
  meta.append(element("time", { dateTime: stamp, textContent: clockText(message.date) }));
  bubble.append(meta);
  const node = element("li", { className: mine ? "message mine" : "message" }, bubble);
  if (message.buttons.length) node.append(keyboard(message, act));
  node.dataset.id = message.message_id;
  return node;
}

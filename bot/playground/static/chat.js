// The chat page: who I am, which chat I see, what I send.

import { Unreachable, api, listen } from "./api.js";
import { avatarInto, dateText, dayText, element, messageNode, separator } from "./render.js";

const $ = (id) => document.getElementById(id);
const BUSY_MS = 5000; // Telegram shows an action for five seconds at most.
const BUSY_TEXT = { typing: "schreibt …", upload_document: "sendet eine Datei …", upload_photo: "sendet ein Bild …" };

const view = {
  state: null,
  me: 0,
  chatId: 0,
  messages: new Map(),
  unread: new Map(),
  draft: null, // { kind: "reply" | "edit", message }
  busyTimer: 0,
  toastTimer: 0,
  lost: false,
  follow: true,
};

// ---------------------------------------------------------------- what is shown

const user = (id) => view.state.users.find((person) => person.id === id);
const chat = (id) => view.state.chats.find((candidate) => candidate.id === id);
const isGroup = (candidate) => candidate.type !== "private";
const isMember = (candidate, id) => ["member", "administrator", "creator"].includes(candidate.members[id]);
const mine = () => view.state.chats.filter((candidate) => isMember(candidate, view.me) && !candidate.migrated_to);
const titleOf = (candidate) => (isGroup(candidate) ? candidate.title : view.state.bot.first_name);

function showPeople() {
  const focused = $("people").contains(document.activeElement);
  $("people").replaceChildren(...view.state.users.map((person) => {
    const input = element("input", { type: "radio", name: "person", value: person.id, checked: person.id === view.me });
    input.onchange = () => keepUp(() => select(person.id, null));
    const face = element("span", { ariaHidden: "true" });
    avatarInto(face, person.id, person.first_name);
    return element("label", { className: "person" }, input, face, element("span", { className: "name", textContent: person.first_name }));
  }));
  if (focused) $("people").querySelector(":checked")?.focus();
}

function showChats() {
  const focused = $("chats").contains(document.activeElement);
  $("chats").replaceChildren(...mine().map((candidate) => {
    const current = candidate.id === view.chatId;
    const face = element("span", { ariaHidden: "true" });
    avatarInto(face, isGroup(candidate) ? candidate.id : 0, titleOf(candidate));
    const count = view.unread.get(candidate.id) ?? 0;
    const button = element("button", { type: "button", className: "entry" }, face,
      element("span", { className: "name", textContent: titleOf(candidate) }));
    if (count) {
      button.append(element("span", { className: "badge" }, String(count), element("span", { className: "unseen", textContent: " neue Nachrichten" })));
    }
    if (current) button.setAttribute("aria-current", "true");
    button.onclick = () => keepUp(() => select(view.me, candidate.id));
    return element("li", {}, button);
  }));
  if (focused) $("chats").querySelector("[aria-current]")?.focus();
}

function showHead() {
  const current = chat(view.chatId);
  const group = isGroup(current);
  avatarInto($("avatar"), group ? current.id : 0, titleOf(current));
  $("title").textContent = titleOf(current);
  document.title = `${titleOf(current)} – ${user(view.me).first_name}`;
  showStatus();
  const blocked = !group && user(view.me).blocked;
  $("block").hidden = group || (!user(view.me).started && !blocked);
  $("block-text").textContent = blocked ? "Bot freigeben" : "Bot blockieren";
  const bot = `@${view.state.bot.username}`;
  const hint = blocked
    ? "Sie haben den Bot blockiert. Geben Sie ihn frei, um zu schreiben."
    : group && `In Gruppen liest der Bot nur Befehle, Erwähnungen (${bot}) und Antworten auf seine Nachrichten.`;
  $("hint").hidden = !hint;
  $("hint").textContent = hint || "";
  $("text").disabled = blocked;
}

function showStatus(text = "") {
  const current = chat(view.chatId);
  const count = Object.keys(current.members).filter((id) => isMember(current, id)).length;
  const members = count === 1 ? "1 Person" : `${count} Personen`;
  const calm = isGroup(current) ? `Gruppe, ${members}${current.bot === "left" || current.bot === "kicked" ? "" : " und der Bot"}` : "Bot";
  $("status").textContent = text || calm;
  $("status").classList.toggle("busy", Boolean(text));
}

function showClock() {
  const { now, button } = view.state.clock;
  $("now").textContent = dateText(now);
  $("now").dateTime = new Date(now * 1000).toISOString();
  $("forward").hidden = !button;
}

function showWelcome() {
  const current = chat(view.chatId);
  $("welcome").hidden = isGroup(current) || view.messages.size > 0;
  $("welcome-title").textContent = `Was kann ${view.state.bot.first_name}?`;
  $("welcome-text").textContent = view.state.bot.description || "Tippen Sie auf „Starten“, um den Chat zu beginnen.";
}

function nodeOf(message) {
  const answered = message.reply_to && view.messages.get(message.reply_to);
  return messageNode(message, { me: view.me, group: isGroup(chat(view.chatId)), answered, act });
}

// The end is where the newest message begins if it is higher than the screen: an answer is read
// from its first line.
function endOf(area) {
  const newest = $("messages").lastElementChild;
  const bottom = area.scrollHeight - area.clientHeight;
  if (!newest) return bottom;
  const above = newest.getBoundingClientRect().top - area.getBoundingClientRect().top;
  return Math.min(bottom, area.scrollTop + above - 8);
}

// Who reads the newest message stays with it when something is added or grows; who has scrolled
// up is left alone.
function toEnd() {
  view.follow = true;
  const area = $("scroll");
  area.scrollTop = Math.max(area.scrollTop, endOf(area)); // never back: someone is reading there
}

function followEnd() {
  const area = $("scroll");
  area.onscroll = () => {
    view.follow = area.scrollTop > endOf(area) - 80;
  };
  const observer = new ResizeObserver(() => { if (view.follow) toEnd(); });
  observer.observe($("messages"));
  observer.observe(area);
}

function append(message) {
  const last = [...view.messages.values()].at(-1);
  if (!last || dayText(last.date) !== dayText(message.date)) $("messages").append(separator(message.date));
  view.messages.set(message.message_id, message);
  $("messages").append(nodeOf(message));
}

function showMessages(messages) {
  // Announced aloud are new messages, not the history of a chat one has just opened.
  $("scroll").setAttribute("aria-live", "off");
  view.messages.clear();
  $("messages").replaceChildren();
  messages.forEach(append);
  showWelcome();
  requestAnimationFrame(() => {
    toEnd();
    $("scroll").setAttribute("aria-live", "polite");
  });
}

async function showMenu() {
  const { commands } = await api.commands(view.chatId, view.me);
  $("menu-button").hidden = commands.length === 0;
  $("menu").replaceChildren(...commands.map(({ command, description }) => {
    const button = element("button", { type: "button" },
      element("strong", { textContent: `/${command}` }), " ", element("span", { textContent: description }));
    button.onclick = () => {
      openMenu(false);
      act.write(`/${command}`);
    };
    return element("li", {}, button);
  }));
}

function openMenu(open) {
  $("menu").hidden = !open;
  $("menu-button").setAttribute("aria-expanded", String(open));
  if (open) $("menu").querySelector("button")?.focus();
}

function toast(text) {
  $("toast").textContent = text;
  $("toast").classList.add("shown");
  clearTimeout(view.toastTimer);
  view.toastTimer = setTimeout(() => $("toast").classList.remove("shown"), 4000);
}

function draft(next) {
  view.draft = next;
  $("draft").hidden = !next;
  if (!next) return;
  const edits = next.kind === "edit";
  $("draft-title").textContent = edits ? "Bearbeiten:" : `Antwort an ${next.message.from_id === view.me ? "mich" : next.message.from_name}:`;
  $("draft-text").textContent = next.message.text || next.message.file?.file_name || "";
  if (edits) $("text").value = next.message.text;
  $("text").focus();
  grow();
}

// ---------------------------------------------------------------- what a person does

// The page speaks German; the reasons of the server are English and only for the console.
async function attempt(work, failure) {
  try {
    await work();
    return true;
  } catch (error) {
    console.warn(error.message);
    toast(failure);
    return false;
  }
}

const act = {
  file: api.file,
  write: (text) => attempt(async () => {
    const target = view.draft?.kind === "reply" ? view.draft.message.message_id : undefined;
    await api.write(view.chatId, { user_id: view.me, text, reply_to: target });
    draft(null);
  }, "Die Nachricht konnte nicht gesendet werden."),
  change: (message, text) => attempt(async () => {
    await api.edit(view.chatId, message.message_id, text);
    draft(null);
  }, "Die Nachricht konnte nicht geändert werden."),
  press: (message, button, node) => attempt(async () => {
    node.classList.add("waiting");
    setTimeout(() => node.classList.remove("waiting"), BUSY_MS);
    await api.press(view.chatId, message.message_id, { user_id: view.me, callback_data: button.callback_data });
  }, "Diese Schaltfläche gilt nicht mehr."),
  copy: (text) => attempt(async () => {
    await navigator.clipboard.writeText(text);
    toast("In die Zwischenablage kopiert.");
  }, "Kopieren ist hier nicht erlaubt."),
  reply: (message) => draft({ kind: "reply", message }),
  edit: (message) => draft({ kind: "edit", message }),
};

function grow() {
  const field = $("text");
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight, 160)}px`;
}

async function submit() {
  const text = $("text").value.trim();
  if (!text) return;
  $("text").value = "";
  grow();
  const done = view.draft?.kind === "edit" ? act.change(view.draft.message, text) : act.write(text);
  if (!(await done) && !$("text").value) $("text").value = text; // Nothing typed is lost.
  grow();
  toEnd();
}

async function sendFile(file) {
  const form = new FormData();
  form.append("user_id", view.me);
  form.append("caption", $("text").value.trim());
  form.append("photo", String(["image/png", "image/jpeg"].includes(file.type)));
  form.append("file", file);
  const sent = await attempt(() => api.upload(view.chatId, form), "Die Datei konnte nicht gesendet werden.");
  if (sent) $("text").value = "";
  grow();
}

async function select(me, chatId) {
  const changed = me !== view.me;
  view.me = me;
  const open = mine();
  view.chatId = (open.find((candidate) => candidate.id === chatId) ?? open.find((candidate) => candidate.id === me) ?? open[0]).id;
  view.unread.delete(view.chatId);
  if (changed) view.unread.clear();
  draft(null);
  openMenu(false);
  const url = new URL(location.href);
  url.searchParams.set("user", view.me);
  url.searchParams.set("chat", view.chatId);
  url.searchParams.delete("start");
  history.replaceState(null, "", url);
  showPeople();
  showChats();
  showHead();
  const shown = view.chatId;
  const { messages } = await api.messages(shown);
  if (shown !== view.chatId) return; // Somebody clicked on while we were waiting.
  showMessages(messages);
  await showMenu();
}

// ---------------------------------------------------------------- what happens

function onMessage({ chat_id: chatId, message }) {
  if (chatId !== view.chatId) {
    const target = chat(chatId);
    if (target && isMember(target, view.me) && message.from_id !== view.me) {
      view.unread.set(chatId, (view.unread.get(chatId) ?? 0) + 1);
      showChats();
    }
    return;
  }
  if (view.messages.has(message.message_id)) return;
  append(message);
  showWelcome();
  if (message.from_bot) showStatus();
  if (message.from_id === view.me) toEnd();
}

function onEdited({ chat_id: chatId, message }) {
  if (chatId !== view.chatId || !view.messages.has(message.message_id)) return;
  view.messages.set(message.message_id, message);
  const old = $("messages").querySelector(`[data-id="${message.message_id}"]`);
  const focused = old.contains(document.activeElement);
  const fresh = nodeOf(message);
  old.replaceWith(fresh);
  // A tapped button that vanished takes the keyboard user's place along: keep it in the message.
  if (focused) (fresh.querySelector(".key") ?? $("scroll")).focus();
}

function onDeleted({ chat_id: chatId, message_id: messageId }) {
  if (chatId !== view.chatId) return;
  view.messages.delete(messageId);
  $("messages").querySelector(`[data-id="${messageId}"]`)?.remove();
}

function onAction({ chat_id: chatId, action }) {
  if (chatId !== view.chatId) return;
  showStatus(BUSY_TEXT[action] ?? "ist beschäftigt …");
  clearTimeout(view.busyTimer);
  view.busyTimer = setTimeout(() => showStatus(), BUSY_MS);
}

function onAnswer({ user_id: userId, answer }) {
  if (userId !== view.me) return;
  document.querySelectorAll(".key.waiting").forEach((node) => node.classList.remove("waiting"));
  if (!answer.text) return;
  if (!answer.show_alert) {
    toast(answer.text);
    return;
  }
  $("alert-text").textContent = answer.text;
  $("alert").showModal();
}

async function refresh() {
  view.state = await api.state();
  if (!chat(view.chatId) || chat(view.chatId).migrated_to || !isMember(chat(view.chatId), view.me)) {
    await select(view.me, chat(view.chatId)?.migrated_to ?? view.me);
  }
  showPeople();
  showChats();
  showHead();
  showClock();
  showWelcome();
}

const reactions = {
  message: onMessage,
  edited: onEdited,
  deleted: onDeleted,
  action: onAction,
  callback_answer: onAnswer,
  commands: () => keepUp(showMenu),
  chat: () => keepUp(refresh),
  profile: () => keepUp(refresh),
  clock: () => keepUp(refresh),
};

async function catchUp() {
  await refresh();
  await select(user(view.me) ? view.me : view.state.users[0].id, view.chatId);
}

function onOpen() {
  $("offline").hidden = true;
  if (!view.lost) return;
  view.lost = false;
  keepUp(catchUp);
}

function onLost() {
  view.lost = true;
  $("offline").hidden = false;
}

// The stream breaks off with the server: what could not be looked up is looked up after that.
async function keepUp(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    onLost();
  }
}

// ---------------------------------------------------------------- start

function connectControls() {
  $("composer").onsubmit = (event) => {
    event.preventDefault();
    submit();
  };
  $("text").oninput = grow;
  $("text").onkeydown = (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      submit();
    }
  };
  $("attach").onclick = () => $("file").click();
  $("file").onchange = () => {
    if ($("file").files.length) sendFile($("file").files[0]);
    $("file").value = "";
  };
  $("menu-button").onclick = () => openMenu($("menu").hidden);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (!$("menu").hidden) {
      openMenu(false);
      $("menu-button").focus();
    } else if (view.draft) draft(null);
  });
  document.addEventListener("click", (event) => {
    if (!$("menu").contains(event.target) && event.target !== $("menu-button")) openMenu(false);
  });
  $("draft-cancel").onclick = () => draft(null);
  $("start").onclick = () => act.write(view.start ? `/start ${view.start}` : "/start");
  $("block").onclick = () => attempt(() => api.block(view.me, !user(view.me).blocked), "Das hat nicht geklappt.");
  $("forward").onclick = () => attempt(api.dayForward, "Die Uhr ließ sich nicht vorstellen.");
}

async function begin() {
  connectControls();
  followEnd();
  const wish = new URL(location.href).searchParams;
  view.start = wish.get("start");
  view.state = await api.state();
  const me = user(Number(wish.get("user"))) ?? view.state.users[0];
  showClock();
  await select(me.id, Number(wish.get("chat")) || me.id);
  // A screenshot in virtual time would wait for the end of the stream: "?live=no" does without.
  if (wish.get("live") === "no") return;
  listen(view.state.last_event_id, { onEvent: (event) => reactions[event.type]?.(event), onOpen, onLost });
}

begin();

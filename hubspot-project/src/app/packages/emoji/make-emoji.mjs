/**
 * Makes emoji.json: the composer's emoji, each with its French and English search words.
 *
 * Words come from emojibase-data (MIT), which takes them from Unicode's CLDR. The choice is ours: common emoji of
 * business SMS, old enough (Emoji 12 of 2019, no skin tones, no joined sequences) for nearly every phone. All 1,900
 * with their words would not fit an extension's budget. Run: npm run emoji. A test compares the file with this
 * script's output.
 */
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { argv } from 'node:process';
import { fileURLToPath, URL } from 'node:url';
import * as prettier from 'prettier';

const CHOSEN = `
  🙂 😀 😃 😄 😁 😅 😂 🤣 😊 😉 😍 🥰 😘 😋 😎 🤩 🤗 🤔 😐 😏 😌 😴 😷 🤒 😕 😟 😮 😲 😢 😭 😱 😡 😇 🤖 👋
  👍 👎 👌 🤝 🙏 👏 🙌 💪 ✌️ 🤞 👉 👈 👆 👇 ✋ 👀 👤 👥 ❤️ 🧡 💛 💚 💙 💜 🖤 💖 💕 💌 💯 💥 ✨ ⭐ 🌟 🔥 💡 💤
  🎉 🎊 🎁 🎈 🎂 🥂 🍾 🏆 🥇 🥈 🥉 🏅 🎯 🎓 🎄 🎅 🎃 🐣 🥚 🐰 💍 💐 🌹 🌸 🌷 🌻 🌺 🌱 🌳 🌿 🍀 🍁 🍂 ❄️ ⛄
  ☀️ 🌤️ ⛅ ☁️ 🌧️ ⛈️ ⚡ 🌈 ☔ 🌙 🌊 🌍 🌡️ ⚠️ 🚨 ⛔ 🚫 ✅ ☑️ ✔️ ❌ ❓ ❗ ℹ️ 🆕 🆓 🔝 🔜 ➡️ ⬅️ ⬆️ ⬇️ 🔄 🔴 🟢
  🔵 ⚪ ⚫ 🔺 ➕ ➖ 📅 📆 🗓️ ⏰ ⏱️ ⏳ ⌛ 🕐 🕗 🕙 🕛 🔔 🔕 📣 📢 💬 💭 📱 📲 ☎️ 📞 📧 ✉️ 📩 📬 📦 📝 ✏️ 📄 📋
  📎 📌 📍 🗺️ 🔗 🔒 🔓 🔑 🔍 🛠️ 🔧 ⚙️ 💻 🖥️ 🖨️ 📷 📹 🎥 🎬 🎵 🎤 🎧 📚 📖 📰 📈 📉 📊 💼 🗂️ 💰 💶 💳 🧾 🛒
  🛍️ 🏷️ 👕 👗 👟 👠 👜 👓 💄 💅 💇 💆 🧴 🛁 🏠 🏡 🏢 🏥 🏦 🏨 🏪 🏫 🏭 🏗️ 🚪 🛏️ 🛋️ 🚗 🚕 🚌 🚑 🚒 🚓 🚚
  🚛 🚲 🛵 🏍️ 🚆 🚇 ✈️ 🛳️ ⛵ 🚀 🅿️ ⛽ 🚦 🎫 🎟️ 🧳 🏖️ ⛱️ ⛺ ⛰️ 🏊 🏃 🚴 🏋️ 🧘 ⚽ 🏀 🏈 🎾 🏐 🏉 ⛳ 🎳 🎮
  🎲 🧩 🎨 🎭 🍽️ 🍴 ☕ 🍵 🍷 🍺 🍻 🍹 🥤 💧 🥐 🥖 🍞 🧀 🍕 🍔 🍟 🌮 🥗 🍣 🍜 🍝 🍰 🧁 🍫 🍪 🍦 🍎 🍌 🍓 🍇 🍒
  🍋 🥕 🌽 🥦 🍅 🐶 🐱 🐴 🐮 🐷 🐔 🐟 🐝 🦋 🐾 👶 👦 👧 👨 👩 👴 👵 🧑 💉 💊 🩺 🦷 👂 👁️ 🩹
`;

/** Words of either language that carry no meaning. */
const EMPTY_WORDS = new Set(
  'de du des la le les au aux et en un une d l avec ses toutes the of and with a emoticone symbole'.split(
    ' ',
  ),
);
const NEWEST_VERSION = 12;
/** Number of words for each language; the library has up to twenty. */
const MOST_WORDS = 8;

const require = createRequire(import.meta.url);
const FILE = fileURLToPath(new URL('emoji.json', import.meta.url));

/** The content of emoji.json: emoji to words, in the order of our choice. */
export async function makeEmoji() {
  const [fr, en] = ['fr', 'en'].map((language) => {
    const entries = require(`emojibase-data/${language}/data.json`);
    return new Map(entries.map((entry) => [bare(entry.emoji), entry]));
  });
  const made = {};
  for (const emoji of CHOSEN.trim().split(/\s+/)) {
    const entries = [fr.get(bare(emoji)), en.get(bare(emoji))];
    if (entries.includes(undefined)) throw new Error(`emojibase-data has no ${emoji}`);
    if (entries[0].version > NEWEST_VERSION) throw new Error(`${emoji} is too new`);
    made[emoji] = distinct(entries.flatMap(({ label, tags = [] }) => words([label, ...tags]))).join(' ');
  }
  const config = await prettier.resolveConfig(FILE);
  return prettier.format(JSON.stringify(made), { ...config, filepath: FILE });
}

/** Removes the selector for the coloured form, on which the library and our list may differ. */
function bare(emoji) {
  return emoji.replaceAll('\ufe0f', '');
}

/** The words of one language, without accents and capitals: those of the label, then the first of the tags. */
function words(phrases) {
  const all = phrases.flatMap((phrase) => fold(phrase).split(/[^\p{L}\p{N}]+/u));
  return distinct(all.filter((word) => word && !EMPTY_WORDS.has(word))).slice(0, MOST_WORDS);
}

/** A prefix of another word needs no entry: a search for it finds that word. */
function distinct(all) {
  return [...new Set(all)].filter((word) => !all.some((other) => other !== word && other.startsWith(word)));
}

function fold(text) {
  return text.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '').replaceAll('œ', 'oe');
}

if (argv[1] === fileURLToPath(import.meta.url)) writeFileSync(FILE, await makeEmoji());

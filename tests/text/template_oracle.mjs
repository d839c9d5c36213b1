// Writes prompts-NAME.jsonl for each chat template: a first line with the template, then conversations and the prompts
// that @huggingface/jinja makes of them. Checks the rows of jinja_cases.jsonl that claim to agree with it, too.
// Run by scripts/template-oracle within the folder that holds node_modules; the argument is the file of rows.
import fs from 'node:fs';
import { Template } from '@huggingface/jinja';

const user = (content) => ({ role: 'user', content });
const assistant = (content, more = {}) => ({ role: 'assistant', content, ...more });
const system = (content) => ({ role: 'system', content });
const call = (args) => ({ type: 'function', id: 'call12345', function: { name: 'get_weather', arguments: args } });
const result = (content) => ({ role: 'tool', content, name: 'get_weather', tool_call_id: 'call12345' });

// Left out is where the other implementation is known not to do as Python does: its lstrip('\n') takes blanks away
// too, it prints none as nothing and true as "true", and it adds a dict to a string as "[object Map]".
const CONVERSATIONS = [
  [user('Hello, what is 2+2?')],
  [system('You are terse.'), user('Hi')],
  [user('Hi'), assistant('Hello!'), user('  padded  \n question ')],
  [system('Be exact.'), user('q1'), assistant('<think>\nlong thought\n</think>\n\nanswer 1'), user('q2'),
    assistant('<think>x</think>answer 2'), user('q3')],
  [user('q'), assistant('<think>\nthought\n</think>\n\nanswer')],
  [user('q1'), assistant('a1', { reasoning_content: 'because' }), user('"double" \'single\' <b>&amp; ünïcode 日本 🎉')],
  [system('Be exact.'), user('weather?'),
    assistant('', { tool_calls: [call({ city: 'Zürich', days: 3, share: 1.5 })] }),
    result('{"temp": 20}'), assistant('It is 20.'), user('thanks')],
  [user('weather?'), assistant('', { tool_calls: [call('{"city": "Paris"}'), call('{"city": "Rome"}')] }),
    result('20'), result('25')],
  [user(''), assistant(''), user('\n\n')],
  [user('</think> and <think> as text'), assistant('a</think>b</think>c'), user('{{ not a template }} {% if %}')],
];
const TOOLS = [{ type: 'function', function: { name: 'get_weather', description: 'Get "the" weather <now>', parameters: {
  type: 'object', properties: { city: { type: 'string', description: 'City näme' }, days: { type: 'integer', enum: [1, 2, 3] },
    opts: { type: 'array', items: { type: 'string' } } }, required: ['city'] } } }];

function* inputs() {
  for (const messages of CONVERSATIONS) {
    for (const tools of [null, TOOLS]) {
      for (const add_generation_prompt of [true, false]) {
        for (const enable_thinking of [true, false, undefined]) {
          const input = { messages, tools, documents: null, add_generation_prompt, bos_token: '<s>', eos_token: '</s>',
            date_string: '24 Nov 2024' };
          if (enable_thinking !== undefined) input.enable_thinking = enable_thinking;
          yield input;
        }
      }
    }
  }
}

function* templates() {
  for (const name of fs.readdirSync('node_modules/@lenml')) {
    const file = `node_modules/@lenml/${name}/models/tokenizer_config.json`;
    if (!fs.existsSync(file)) continue;
    const template = JSON.parse(fs.readFileSync(file, 'utf8')).chat_template;
    if (typeof template === 'string') yield [name.replace('tokenizer-', ''), template];
  }
  for (const file of fs.readdirSync('more')) {
    const template = fs.readFileSync(`more/${file}`, 'utf8');
    // The other implementation has no clock that can be set.
    if (!template.includes('strftime_now') || template.includes('date_string')) yield [file.replace('.jinja', ''), template];
  }
}

for (const [name, source] of templates()) {
  const lines = [JSON.stringify({ template: source })];
  const template = new Template(source);
  for (const input of inputs()) {
    let prompt;
    try { prompt = template.render(input); } catch { continue; }  // a refusal, or what it does not know
    if (prompt.includes('[object Map]')) continue;
    lines.push(JSON.stringify({ input, prompt }));
  }
  fs.writeFileSync(`prompts-${name}.jsonl`, lines.join('\n') + '\n');
}

for (const line of fs.readFileSync(process.argv[2], 'utf8').trimEnd().split('\n')) {
  const row = JSON.parse(line);
  if (!row.agree?.includes('@huggingface/jinja')) continue;
  const given = { messages: [], tools: null, documents: null, add_generation_prompt: true, bos_token: '', eos_token: '' };
  const prompt = new Template(row.template).render({ ...given, ...row.input });
  if (prompt !== row.expect) throw new Error(`${row.template} gives ${JSON.stringify(prompt)}`);
}

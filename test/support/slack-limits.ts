/** Slack's limits, checked from the outside: knows nothing of how Bakery trims. Returns what is broken. */
export function brokenLimits(message: { text?: string; blocks?: readonly object[] }): string[] {
  const broken: string[] = [];
  const text = message.text ?? '';
  if (text.length < 1 || text.length > 4000) broken.push(`text of ${text.length}`);
  const blocks = message.blocks ?? [];
  if (blocks.length > 50) broken.push(`${blocks.length} blocks`);
  if (JSON.stringify(blocks).length > 13_000) broken.push(`sum of ${JSON.stringify(blocks).length}`);
  for (const [index, block] of blocks.entries()) checkBlock(block, `blocks[${index}]`, broken);
  return broken;
}

type Any = { [key: string]: Any | undefined } & { type?: unknown; text?: unknown };

function checkBlock(given: object, at: string, broken: string[]): void {
  // A checker of foreign JSON: it looks at every field by name.
  const block = given as Any;
  const length = (name: string, value: unknown, least: number, most: number): void => {
    if (value === undefined) return;
    const size = typeof value === 'string' ? value.length : -1;
    if (size < least || size > most) broken.push(`${at} ${name} of ${size}`);
  };
  const textOf = (part: unknown): unknown => (part as Any | undefined)?.text;
  length('block_id', block.block_id, 1, 255);
  if (block.type === 'plan') {
    length('plan title', block.title, 1, 150);
    const tasks = block.tasks as unknown as Any[];
    if (tasks.length > 50) broken.push(`${at} ${tasks.length} tasks`);
    for (const task of tasks) {
      length('task title', task.title, 1, 150);
      length('task_id', task.task_id, 1, 255);
    }
    const ids = tasks.map((task) => String(task.task_id));
    if (new Set(ids).size !== ids.length) broken.push(`${at} task ids twice: ${ids.join()}`);
  }
  if (block.type === 'header') length('header', textOf(block.text), 1, 150);
  if (block.type === 'section') {
    length('section', textOf(block.text), 1, 3000);
    if (block.accessory !== undefined) checkButton(block.accessory, at, length, textOf);
  }
  if (block.type === 'context') {
    const elements = block.elements as unknown as Any[];
    if (elements.length < 1 || elements.length > 10) broken.push(`${at} ${elements.length} context elements`);
    for (const element of elements) length('context', element.text, 1, 3000);
  }
  if (block.type === 'actions') {
    const elements = block.elements as unknown as Any[];
    if (elements.length < 1 || elements.length > 25) broken.push(`${at} ${elements.length} actions`);
    for (const element of elements) checkButton(element, at, length, textOf);
    const ids = elements.map((element) => String(element.action_id));
    if (new Set(ids).size !== ids.length) broken.push(`${at} action ids twice: ${ids.join()}`);
  }
}

function checkButton(
  button: Any,
  _at: string,
  length: (name: string, value: unknown, least: number, most: number) => void,
  textOf: (part: unknown) => unknown,
): void {
  length('button text', textOf(button.text), 1, 75);
  length('value', button.value, 1, 2000);
  length('action_id', button.action_id, 1, 255);
  length('accessibility_label', button.accessibility_label, 1, 75);
  const confirm = button.confirm;
  if (confirm === undefined) return;
  length('confirm title', textOf(confirm.title), 1, 100);
  length('confirm text', textOf(confirm.text), 1, 300);
  length('confirm yes', textOf(confirm.confirm), 1, 30);
  length('confirm no', textOf(confirm.deny), 1, 30);
}

/** All that a person can read of a message, as one text. */
export function readable(message: { text?: string; blocks?: readonly object[] }): string {
  const words: string[] = [];
  const walk = (value: unknown, key: string): void => {
    if (typeof value === 'string' && (key === 'text' || key === 'label' || key === 'title'))
      words.push(value);
    else if (typeof value === 'object' && value !== null) {
      for (const [name, part] of Object.entries(value))
        if (name !== 'confirm') walk(part, name === '0' ? key : name);
    }
  };
  walk(message.blocks ?? [], '');
  return words.join('\n');
}

/** The labels of the buttons of a message. */
export function labels(message: { blocks?: readonly object[] }): string[] {
  return buttonsOf(message).map((button) => button.text.text);
}

interface DrawnButton {
  action_id: string;
  value: string;
  text: { text: string };
  confirm?: { text: { text: string } };
}

export function buttonsOf(message: { blocks?: readonly object[] }): DrawnButton[] {
  const found: DrawnButton[] = [];
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('type' in value && value.type === 'button') found.push(value as unknown as DrawnButton);
    else for (const part of Object.values(value)) walk(part);
  };
  walk(message.blocks ?? []);
  return found;
}

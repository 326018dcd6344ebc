// Cross-checks of workflow actions and webhooks: every label must belong to a field, every field must have a label.

import { collector } from './problems.mjs';

const NEEDS_OPTIONS = new Set(['select', 'radio', 'checkbox']);

/** Adds problems of every workflow action. */
export function checkActions(project, problems) {
  for (const action of project.components.filter((component) => component.type === 'workflow-action')) {
    const add = collector(problems, action.file);
    const fields = fieldsOf(action.config);
    checkFields(action.config, fields, add);
    for (const [language, labels] of Object.entries(action.config.labels)) {
      checkLabels(labels, fields, (field, reason) => add(`config.labels.${language}.${field}`, reason));
    }
  }
}

/** {inputs, outputs: Map name -> definition, rules: Set of rule names}. */
function fieldsOf(config) {
  const byName = (list = []) =>
    new Map(list.map(({ typeDefinition }) => [typeDefinition.name, typeDefinition]));
  return {
    inputs: byName(config.inputFields),
    outputs: byName(config.outputFields),
    rules: new Set((config.executionRules ?? []).map((rule) => rule.labelName)),
  };
}

function checkFields(config, { inputs, outputs }, add) {
  if (inputs.size !== config.inputFields.length) add('config.inputFields', 'a name is used twice');
  if (outputs.size !== (config.outputFields ?? []).length) add('config.outputFields', 'a name is used twice');
  for (const definition of [...inputs.values(), ...outputs.values()]) {
    const hasOptions = definition.options || definition.optionsUrl || definition.referencedObjectType;
    if (hasOptions && definition.type !== 'enumeration') {
      add(`config.${definition.name}`, 'only an enumeration has options');
    }
    if (definition.type === 'enumeration' && !hasOptions) {
      add(`config.${definition.name}`, 'an enumeration needs options, optionsUrl or referencedObjectType');
    }
    if (NEEDS_OPTIONS.has(definition.fieldType) && definition.type !== 'enumeration') {
      add(`config.${definition.name}`, `fieldType ${definition.fieldType} needs type enumeration`);
    }
  }
  checkRules(config.executionRules ?? [], outputs, add);
  for (const { controllingFieldName, dependentFieldNames } of config.inputFieldDependencies ?? []) {
    for (const name of [controllingFieldName, ...dependentFieldNames]) {
      if (!inputs.has(name)) add('config.inputFieldDependencies', `there is no input field ${name}`);
    }
  }
}

/** A rule that can never match, or is hidden behind another of its name, would show nothing in the history. */
function checkRules(rules, outputs, add) {
  const seen = new Set();
  for (const { labelName, conditions } of rules) {
    const field = `config.executionRules.${labelName}`;
    if (seen.has(labelName)) add(field, 'the name is used twice');
    seen.add(labelName);
    for (const [name, value] of Object.entries(conditions)) {
      const options = outputs.get(name)?.options;
      if (!outputs.has(name)) add(field, `there is no output field ${name}`);
      else if (options && !options.some((option) => option.value === value)) {
        add(field, `${name} has no option ${value}`);
      }
    }
  }
}

function checkLabels(labels, { inputs, outputs, rules }, add) {
  const sets = [
    ['inputFieldLabels', inputs, true],
    ['inputFieldDescriptions', inputs, false],
    ['outputFieldLabels', outputs, true],
    ['inputFieldOptionLabels', inputs, false],
    ['executionRules', rules, true],
  ];
  for (const [field, known, complete] of sets) {
    const given = Object.keys(labels[field] ?? {});
    given.filter((name) => !known.has(name)).forEach((name) => add(field, `there is no field ${name}`));
    const missing = complete ? [...known.keys()].filter((name) => !given.includes(name)) : [];
    missing.forEach((name) => add(field, `${name} has no label`));
  }
  for (const [name, options] of Object.entries(labels.inputFieldOptionLabels ?? {})) {
    const values = new Set((inputs.get(name)?.options ?? []).map((option) => option.value));
    for (const value of Object.keys(options)) {
      if (inputs.has(name) && !values.has(value))
        add(`inputFieldOptionLabels.${name}`, `there is no option ${value}`);
    }
    const missing = [...values].filter((value) => !(value in options));
    missing.forEach((value) => add(`inputFieldOptionLabels.${name}`, `option ${value} has no label`));
  }
  for (const [, token] of (labels.actionCardContent ?? '').matchAll(/\{\{\s*([\w.]+)\s*\}\}/g)) {
    if (!inputs.has(token)) add('actionCardContent', `unknown token {{${token}}}`);
  }
  for (const [rule, text] of Object.entries(labels.executionRules ?? {})) {
    for (const [, token] of text.matchAll(/\{\{\s*([\w.]+)\s*\}\}/g)) {
      if (!outputs.has(token)) add(`executionRules.${rule}`, `unknown token {{${token}}}`);
    }
  }
}

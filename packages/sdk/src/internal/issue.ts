import type * as z from 'zod/mini';
import { excerpt } from './excerpt.ts';

/** Where a document leaves its schema and how, in words; `zod/mini` itself says only "Invalid input". */
export function describeIssue(issue: z.core.$ZodIssue, document: unknown): string {
  const path = issue.path.map(String).join('.') || 'the body';
  let value = document;
  for (const key of issue.path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[key];
  return `${path} is ${excerpt(value)}; expected ${expectation(issue)}`;
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `a value of type ${issue.expected}`;
    case 'invalid_format':
      return issue.pattern === undefined ? issue.format : `text like ${issue.pattern}`;
    case 'invalid_value':
      return `one of ${issue.values.map(excerpt).join(', ')}`;
    case 'too_small':
      return `at least ${issue.minimum}`;
    case 'too_big':
      return `at most ${issue.maximum}`;
    default:
      return 'what the contract says';
  }
}

/**
 * Objects whose records have no phone number of their own: an SMS goes to the records associated with them.
 *
 * Written by `make hubspot-definitions` from backend/connector/domain/objects.py; do not edit.
 */
export const WITHOUT_NUMBERS = [
  { id: '0-3', name: 'deal', people: { contacts: '0-1', companies: '0-2' } },
] as const;

/** Safe in topics, file names and logs. */
const REQUEST_ID = /^[A-Za-z0-9_.:-]{1,64}$/;

export const isRequestId = (id: string): boolean => REQUEST_ID.test(id);

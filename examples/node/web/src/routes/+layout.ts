/** One static page: everything it shows comes from the API after it has loaded. */
export const ssr = false;
export const prerender = true;

export * from './columns';
export * from './layout';
export * from './lines';

export { type OperatorApiDeps, operatorRoutes } from './operator-routes.js';
export { BulkView, EventDetailView, EventPageView, type EventView, type HistoryView } from './views.js';

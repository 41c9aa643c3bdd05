// For `npm run check`: CDK's toolkit names types of AWS clients that nothing here uses. They are a third
// of all types, so check.json puts this file in their place.
export {};

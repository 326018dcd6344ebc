"""The CRM and its APIs: records, properties, associations, owners."""

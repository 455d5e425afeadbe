"""Buildings, rooms, their dated areas and vacancies."""

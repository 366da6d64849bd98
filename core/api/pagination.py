"""Pages of lists in the API."""

from rest_framework.pagination import PageNumberPagination


class PortalPagination(PageNumberPagination):
    """Numbered pages of 50, at most 500 on request."""

    page_size_query_param = "page_size"
    max_page_size = 500

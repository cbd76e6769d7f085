{# Rows without a parent row that has the same values in these columns. #}
{% test belongs_to(model, parent, columns) %}
select child.*
from {{ model }} child
where not exists (
  select 1
  from {{ parent }} parent
  where {% for column in columns %}parent.{{ column }} = child.{{ column }}{{ ' and ' if not loop.last }}{% endfor %}
)
{% endtest %}

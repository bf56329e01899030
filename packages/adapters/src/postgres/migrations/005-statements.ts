/**
 * Statements by company, year and quarter; a quarter that is null stands for the whole year, and two such are the same
 * statement (`nulls not distinct`). Lines are in the statement's currency, `*_fraction` columns as fractions (0.21, not 21).
 */
export const statements = `
create table income_statements (
  id bigint generated always as identity primary key,
  symbol text not null references stocks,
  fiscal_year integer not null check (fiscal_year between 1900 and 2200),
  fiscal_quarter integer check (fiscal_quarter between 1 and 4),
  period_end date not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  revenue numeric, cost_of_revenue numeric, gross_profit numeric, operating_expenses numeric, selling_expenses
  numeric, general_and_administrative_expenses numeric, depreciation_and_amortization numeric, operating_income
  numeric, interest_income numeric, interest_expense numeric, other_income numeric, pretax_income numeric,
  income_tax numeric, net_income numeric, net_income_to_parent numeric, minority_interest numeric,
  comprehensive_income numeric, ebit numeric, ebitda numeric, shares_outstanding numeric, eps numeric, eps_diluted
  numeric, gross_margin_fraction numeric, operating_margin_fraction numeric, net_margin_fraction numeric,
  source text not null check (source <> ''),
  raw jsonb check (jsonb_typeof(raw) = 'object'),
  updated_at timestamptz not null default now(),
  unique nulls not distinct (symbol, fiscal_year, fiscal_quarter)
);

create table balance_sheets (
  id bigint generated always as identity primary key,
  symbol text not null references stocks,
  fiscal_year integer not null check (fiscal_year between 1900 and 2200),
  fiscal_quarter integer check (fiscal_quarter between 1 and 4),
  period_end date not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  cash_and_equivalents numeric, short_term_investments numeric, accounts_receivable numeric, inventory numeric,
  other_current_assets numeric, current_assets numeric, property_plant_and_equipment numeric, intangible_assets
  numeric, goodwill numeric, long_term_investments numeric, gross_loans numeric, other_non_current_assets numeric,
  non_current_assets numeric, total_assets numeric, accounts_payable numeric, short_term_debt numeric,
  customer_deposits numeric, other_current_liabilities numeric, current_liabilities numeric, long_term_debt numeric,
  other_non_current_liabilities numeric, non_current_liabilities numeric, total_liabilities numeric, total_debt
  numeric, net_debt numeric, share_capital numeric, additional_paid_in_capital numeric, retained_earnings numeric,
  minority_interest numeric, equity_to_parent numeric, total_equity numeric, working_capital numeric, current_ratio
  numeric, debt_to_equity numeric,
  source text not null check (source <> ''),
  raw jsonb check (jsonb_typeof(raw) = 'object'),
  updated_at timestamptz not null default now(),
  unique nulls not distinct (symbol, fiscal_year, fiscal_quarter)
);

create table cash_flow_statements (
  id bigint generated always as identity primary key,
  symbol text not null references stocks,
  fiscal_year integer not null check (fiscal_year between 1900 and 2200),
  fiscal_quarter integer check (fiscal_quarter between 1 and 4),
  period_end date not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  net_income numeric, depreciation_and_amortization numeric, share_based_compensation numeric,
  change_in_working_capital numeric, change_in_receivables numeric, change_in_inventory numeric, change_in_payables
  numeric, other_operating numeric, operating_cash_flow numeric, capital_expenditure numeric, acquisitions numeric,
  purchases_of_investments numeric, sales_of_investments numeric, other_investing numeric, investing_cash_flow
  numeric, debt_issued numeric, debt_repaid numeric, shares_issued numeric, shares_repurchased numeric,
  dividends_paid numeric, other_financing numeric, financing_cash_flow numeric, exchange_rate_effect numeric,
  net_change_in_cash numeric, cash_at_beginning numeric, cash_at_end numeric, free_cash_flow numeric,
  source text not null check (source <> ''),
  raw jsonb check (jsonb_typeof(raw) = 'object'),
  updated_at timestamptz not null default now(),
  unique nulls not distinct (symbol, fiscal_year, fiscal_quarter)
);

create table financial_ratios (
  id bigint generated always as identity primary key,
  symbol text not null references stocks,
  fiscal_year integer not null check (fiscal_year between 1900 and 2200),
  fiscal_quarter integer check (fiscal_quarter between 1 and 4),
  period_end date not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  gross_margin_fraction numeric, operating_margin_fraction numeric, net_margin_fraction numeric,
  ebitda_margin_fraction numeric, roe_fraction numeric, roa_fraction numeric, roic_fraction numeric, current_ratio
  numeric, quick_ratio numeric, cash_ratio numeric, debt_to_equity numeric, debt_to_assets numeric,
  net_debt_to_ebitda numeric, interest_coverage numeric, asset_turnover numeric, inventory_turnover numeric,
  receivables_turnover numeric, days_inventory numeric, days_receivables numeric, days_payables numeric, pe_ratio
  numeric, pb_ratio numeric, ps_ratio numeric, ev_ebitda numeric, ev_sales numeric, dividend_yield_fraction numeric,
  payout_fraction numeric, eps numeric, book_value_per_share numeric, sales_per_share numeric, cash_flow_per_share
  numeric, dividend_per_share numeric, revenue_growth_fraction numeric, net_income_growth_fraction numeric,
  eps_growth_fraction numeric, equity_growth_fraction numeric,
  source text not null check (source <> ''),
  raw jsonb check (jsonb_typeof(raw) = 'object'),
  updated_at timestamptz not null default now(),
  unique nulls not distinct (symbol, fiscal_year, fiscal_quarter)
);
`;

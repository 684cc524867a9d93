using System.Collections.Concurrent;
using System.Linq.Expressions;
using MicroSpark.Formats.Records;
using Parquet.Schema;

namespace MicroSpark.Formats.Parquet;

/// <summary>Makes elements from a run of rows of typed columns.</summary>
internal delegate void ParquetFill<T>(Array[] columns, int start, T[] target, int count, ParquetCells cells);

/// <summary>
/// How elements are made from columns. Not by the library's serializer: that one knows classes with setters only, and its caches
/// keep every type, and with it a shipped assembly, for ever.
/// </summary>
internal sealed class ParquetBinding<T>(RecordShape shape)
{
    private readonly ConcurrentDictionary<string, ParquetFill<T>> _fills = new();

    public RecordMember[] Members { get; } = [.. shape.Members.Where(static m => m.IsRead)];

    public bool ByPosition => shape.IsTuple;

    /// <summary>One method for each combination of column types that files have; usually there is one.</summary>
    /// <param name="fields">By place among <see cref="Members"/>; null for a column that the file lacks.</param>
    public ParquetFill<T> FillFor(DataField?[] fields, string file)
    {
        var types = Array.ConvertAll(fields, static field => field is null ? null : ParquetColumns.TypeOf(field));
        return _fills.GetOrAdd(string.Join(',', types.Select(static type => type?.ToString())), _ => Compile(types, file));
    }

    private ParquetFill<T> Compile(Type?[] types, string file)
    {
        var columns = Expression.Parameter(typeof(Array[]), "columns");
        var start = Expression.Parameter(typeof(int), "start");
        var target = Expression.Parameter(typeof(T[]), "target");
        var count = Expression.Parameter(typeof(int), "count");
        var cells = Expression.Parameter(typeof(ParquetCells), "cells");
        var i = Expression.Variable(typeof(int), "i");
        var done = Expression.Label();
        var arrays = new ParameterExpression?[types.Length];
        var body = new List<Expression>();
        for (var m = 0; m < types.Length; m++)
        {
            if (types[m] is { } type)
            {
                arrays[m] = Expression.Variable(type.MakeArrayType());
                body.Add(
                    Expression.Assign(
                        arrays[m]!, Expression.Convert(Expression.ArrayIndex(columns, Expression.Constant(m)), type.MakeArrayType())));
            }
        }

        var row = Expression.Add(start, i);
        var made = shape.New(member =>
        {
            var place = Array.IndexOf(Members, member);
            return place < 0 || arrays[place] is not { } array ? null
                : new ParquetConversion(cells, Expression.Constant(place), row, file, member).To(
                    Expression.ArrayIndex(array, row), member.Type);
        });
        body.Add(Expression.Assign(i, Expression.Constant(0)));
        body.Add(Expression.Loop(
            Expression.IfThenElse(
                Expression.LessThan(i, count),
                Expression.Block(Expression.Assign(Expression.ArrayAccess(target, i), made), Expression.PreIncrementAssign(i)),
                Expression.Break(done)),
            done));
        var block = Expression.Block([i, .. arrays.OfType<ParameterExpression>()], body);
        return Expression.Lambda<ParquetFill<T>>(block, columns, start, target, count, cells).Compile();
    }
}

/// <inheritdoc cref="ParquetBinding{T}" />
internal static class ParquetBinder<T>
{
    private static ParquetBinding<T>? s_binding;

    /// <exception cref="ArgumentException">The type cannot be read from a Parquet file; the message names the member.</exception>
    public static ParquetBinding<T> Binding => s_binding ??= Bind();

    private static ParquetBinding<T> Bind()
    {
        var binding = new ParquetBinding<T>(RecordShape.Of(typeof(T), "ParquetFile"));
        foreach (var member in binding.Members)
        {
            if (!ParquetTypes.IsColumn(member.ValueType))
            {
                throw new ArgumentException(
                    $"ParquetFile cannot read the member '{member.Name}' of '{typeof(T)}': a column cannot become a '{member.Type}'. "
                    + $"{ParquetTypes.WhatWorks}");
            }
        }

        return binding;
    }
}

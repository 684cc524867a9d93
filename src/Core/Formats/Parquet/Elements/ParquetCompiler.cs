using System.Linq.Expressions;
using System.Reflection;
using MicroSpark.Formats.Parquet.Metadata;
using MicroSpark.Formats.Parquet.Pages;
using MicroSpark.Formats.Records;

namespace MicroSpark.Formats.Parquet.Elements;

/// <summary>Makes the elements of a batch of rows, from the first one on.</summary>
internal delegate void ParquetFill<T>(ParquetColumn[] columns, T[] target, int count, ParquetCells cells);

/// <summary>
/// Compiles the loop that makes elements from columns. Lists and structs are put together as the format's paper tells (Dremel, "record
/// assembly"), but unrolled: for each node there is code of its own, and a level is compared with a number that is known.
/// </summary>
/// <remarks>
/// Columns without lists have one level for each row, and the row's number finds it. The others have a cursor each, and so have the values
/// of all columns that may be null.
/// </remarks>
internal sealed class ParquetCompiler
{
    private readonly string _file;
    private readonly Cursor[] _cursors;
    private readonly ParameterExpression _row = Expression.Variable(typeof(int), "row");
    private readonly ParameterExpression _cells = Expression.Parameter(typeof(ParquetCells), "cells");
    private readonly List<ParameterExpression> _variables = [];

    private ParquetCompiler(BoundColumn[] columns, string file)
    {
        _file = file;
        _variables.Add(_row);
        _cursors = Array.ConvertAll(columns, column => new Cursor(column, _row));
    }

    /// <exception cref="InvalidDataException">A column holds something else than its member.</exception>
    public static ParquetFill<T> Compile<T>(BoundStruct element, BoundColumn[] columns, string file) =>
        new ParquetCompiler(columns, file).Compile<T>(element);

    private ParquetFill<T> Compile<T>(BoundStruct element)
    {
        var readers = Expression.Parameter(typeof(ParquetColumn[]), "columns");
        var target = Expression.Parameter(typeof(T[]), "target");
        var count = Expression.Parameter(typeof(int), "count");
        var body = new List<Expression>();
        for (var i = 0; i < _cursors.Length; i++)
        {
            _cursors[i].Begin(Expression.ArrayIndex(readers, Expression.Constant(i)), body, _variables);
        }

        var each = new List<Expression>();
        var made = Make(element, each);
        each.Add(Expression.Assign(Expression.ArrayAccess(target, _row), made));
        each.Add(Expression.PreIncrementAssign(_row));
        var done = Expression.Label();
        body.Add(Expression.Assign(_row, Expression.Constant(0)));
        body.Add(Expression.Loop(
            Expression.IfThenElse(Expression.LessThan(_row, count), Expression.Block(each), Expression.Break(done)), done));
        foreach (var cursor in _cursors)
        {
            cursor.End(count, body);
        }

        return Expression.Lambda<ParquetFill<T>>(Expression.Block(_variables, body), readers, target, count, _cells).Compile();
    }

    /// <summary>Code that reads one of what a node holds, behind what is there; gives the variable that has it then.</summary>
    private ParameterExpression Read(BoundNode node, List<Expression> code)
    {
        var result = Variable(node.Type);
        switch (node)
        {
            case BoundLeaf leaf:
                ReadLeaf(leaf, result, code);
                break;
            case BoundStruct group:
                var there = new List<Expression>();
                there.Add(Expression.Assign(result, Expression.Convert(Make(group, there), node.Type)));
                IfThere(node, node.Node.Def, result, Null(node), there, code, node.Node.IsOptional);
                break;
            case BoundList list:
                ReadList(list, result, code);
                break;
            case BoundMap map:
                ReadMap(map, result, code);
                break;
        }

        return result;
    }

    private void ReadLeaf(BoundLeaf leaf, ParameterExpression result, List<Expression> code)
    {
        var cursor = _cursors[leaf.Column];
        var type = Nullable.GetUnderlyingType(leaf.Type) ?? leaf.Type;
        Expression Present() => Expression.Convert(
            new ParquetConversion(leaf.Leaf, _file, _cells, Expression.Constant(leaf.Column), _row).To(cursor.NextValue(), type),
            leaf.Type);

        // Of a column that holds nothing but nulls, a value is one of no type.
        var present = cursor.HasValues ? Present()
            : Expression.Call(_cells, nameof(ParquetCells.Untyped), [leaf.Type], Expression.Constant(leaf.Column), _row);
        code.Add(cursor.Definition is { } level
            ? Expression.IfThenElse(
                Expression.Equal(level, Expression.Constant(leaf.Leaf.Def)), Expression.Assign(result, present),
                Expression.Assign(result, Null(leaf)))
            : Expression.Assign(result, present));
        cursor.Pass(code);
    }

    private ParameterExpression Make(BoundStruct group, List<Expression> code)
    {
        var values = Array.ConvertAll(group.Members, member => member is null ? null : Read(member, code));
        if (group.Members.All(static member => member is null) && group.Columns.Length > 0)
        {
            _cursors[group.Levels].Pass(code);
        }

        var made = Variable(group.Shape.Type);
        code.Add(Expression.Assign(made, group.Shape.New(member => values[member.Ordinal])));
        return made;
    }

    private void ReadList(BoundList node, ParameterExpression result, List<Expression> code)
    {
        var itemType = node.Item.Type;
        var listType = typeof(List<>).MakeGenericType(itemType);
        var list = Variable(listType);
        var items = new List<Expression> { Expression.Assign(list, Expression.New(listType)) };
        Repeat(node, items, each => each.Add(
            Expression.Call(list, listType.GetMethod(nameof(List<>.Add))!, Read(node.Item, each))));
        Expression Done(Expression made) => Expression.Assign(
            result, Expression.Convert(node.Type.IsArray ? Expression.Call(made, nameof(List<>.ToArray), null) : made, node.Type));
        items.Add(Done(list));
        var there = new List<Expression>();
        Expression empty = node.Type.IsArray ? Expression.NewArrayBounds(itemType, Expression.Constant(0)) : Expression.New(listType);
        IfThere(node, node.List.ItemDef, result, Expression.Convert(empty, node.Type), items, there);
        IfThere(node, node.List.Def, result, Null(node), there, code, node.List.IsOptional);
    }

    private void ReadMap(BoundMap node, ParameterExpression result, List<Expression> code)
    {
        var mapType = typeof(Dictionary<,>).MakeGenericType(node.Key.Type, node.Value.Type);
        var map = Variable(mapType);
        var items = new List<Expression> { Expression.Assign(map, Expression.New(mapType)) };
        Repeat(node, items, each =>
        {
            var key = Read(node.Key, each);
            var value = Read(node.Value, each);
            each.Add(Expression.Call(
                _cells, nameof(ParquetCells.Add), [node.Key.Type, node.Value.Type], map, key, value,
                Expression.Constant(node.Levels), _row));
        });
        items.Add(Expression.Assign(result, Expression.Convert(map, node.Type)));
        var there = new List<Expression>();
        IfThere(node, node.List.ItemDef, result, Expression.Convert(Expression.New(mapType), node.Type), items, there);
        IfThere(node, node.List.Def, result, Null(node), there, code, node.List.IsOptional);
    }

    private void Repeat(BoundNode node, List<Expression> code, Action<List<Expression>> item)
    {
        var each = new List<Expression>();
        item(each);
        var done = Expression.Label();
        var again = Expression.Equal(_cursors[node.Levels].Repetition, Expression.Constant(((ParquetListNode)node.Node).ItemRep));
        each.Add(Expression.IfThen(Expression.Not(again), Expression.Break(done)));
        code.Add(Expression.Loop(Expression.Block(each), done));
    }

    /// <summary>
    /// What is read if a node's level says that it is there; else its columns pass over one level, and it is another value.
    /// </summary>
    private void IfThere(
        BoundNode node, int def, ParameterExpression result, Expression other, List<Expression> there, List<Expression> code,
        bool isOptional = true)
    {
        if (!isOptional)
        {
            code.AddRange(there);
            return;
        }

        var absent = new List<Expression>();
        foreach (var column in node.Columns)
        {
            _cursors[column].Pass(absent);
        }

        absent.Add(Expression.Assign(result, other));
        code.Add(Expression.IfThenElse(
            Expression.LessThan(_cursors[node.Levels].Definition!, Expression.Constant(def)),
            Expression.Block(absent),
            Expression.Block(there)));
    }

    private Expression Null(BoundNode node) => node.Declared.Allows
        ? Expression.Default(node.Type)
        : Expression.Call(_cells, nameof(ParquetCells.Null), [node.Type], Expression.Constant(node.Levels), _row);

    private ParameterExpression Variable(Type type)
    {
        var variable = Expression.Variable(type);
        _variables.Add(variable);
        return variable;
    }

    /// <summary>Where the loop is in a column.</summary>
    private sealed class Cursor
    {
        private readonly BoundColumn _column;
        private readonly ParameterExpression _reader;
        private readonly ParameterExpression? _values;
        private readonly ParameterExpression? _def;
        private readonly ParameterExpression? _rep;
        private readonly ParameterExpression _level;
        private readonly ParameterExpression _value;

        public Cursor(BoundColumn column, ParameterExpression row)
        {
            _column = column;
            _reader = Expression.Variable(
                column.Source is null ? typeof(ParquetColumn) : typeof(ParquetColumn<>).MakeGenericType(column.Source.ValueType));
            _values = column.Source is null ? null : Expression.Variable(column.Source.ValueType.MakeArrayType());
            _def = column.Leaf.Def > 0 ? Expression.Variable(typeof(byte[])) : null;
            _rep = column.Leaf.Rep > 0 ? Expression.Variable(typeof(byte[])) : null;
            _level = _rep is null ? row : Expression.Variable(typeof(int));
            _value = _def is null ? row : Expression.Variable(typeof(int));
        }

        public bool HasValues => _values is not null;

        /// <summary>The current definition level; null if there is but one.</summary>
        public Expression? Definition => _def is null ? null : Expression.Convert(Expression.ArrayIndex(_def, _level), typeof(int));

        public Expression Repetition => Expression.Convert(Expression.ArrayIndex(_rep!, _level), typeof(int));

        public void Begin(Expression reader, List<Expression> code, List<ParameterExpression> variables)
        {
            variables.Add(_reader);
            code.Add(Expression.Assign(_reader, Expression.Convert(reader, _reader.Type)));
            Take(_values, nameof(ParquetColumn<>.Values));
            Take(_def, nameof(ParquetColumn.Def));
            Take(_rep, nameof(ParquetColumn.Rep));
            Zero(_rep, _level);
            Zero(_def, _value);

            void Take(ParameterExpression? variable, string property)
            {
                if (variable is not null)
                {
                    variables.Add(variable);
                    code.Add(Expression.Assign(variable, Expression.Property(_reader, property)));
                }
            }

            void Zero(ParameterExpression? condition, ParameterExpression cursor)
            {
                if (condition is not null)
                {
                    variables.Add(cursor);
                    code.Add(Expression.Assign(cursor, Expression.Constant(0)));
                }
            }
        }

        public Expression NextValue() =>
            Expression.ArrayIndex(_values!, _def is null ? _value : Expression.PostIncrementAssign(_value));

        public void Pass(List<Expression> code)
        {
            if (_rep is not null)
            {
                code.Add(Expression.PreIncrementAssign(_level));
            }
        }

        /// <summary>All levels and values must have been used, or the columns do not tell of the same lists.</summary>
        public void End(Expression count, List<Expression> code)
        {
            if (_def is not null && HasValues)
            {
                code.Add(Expression.Call(
                    _reader, typeof(ParquetColumn).GetMethod(nameof(ParquetColumn.Used), BindingFlags.Instance | BindingFlags.Public)!,
                    _rep is null ? count : _level, _value));
            }
        }
    }
}

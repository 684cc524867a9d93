using System.Linq.Expressions;
using MicroSpark.Formats.Parquet.Elements;
using MicroSpark.Formats.Parquet.Metadata;
using MicroSpark.Formats.Records;

namespace MicroSpark.Formats.Parquet.Writing;

/// <summary>Takes elements apart into the columns of a file.</summary>
internal delegate void ParquetShred<T>(T[] rows, int count, WrittenColumn[] columns);

/// <summary>
/// Compiles the loop that takes elements apart: the other half of <see cref="ParquetCompiler"/>. How far down a null is, is known at each
/// place of the code; which list an item repeats, only when it runs.
/// </summary>
internal sealed class ParquetShredder<T>
{
    private static ParquetShredder<T>? s_instance;
    private readonly List<SchemaElement> _schema = [];
    private readonly List<(ColumnForm Form, SchemaElement[] Path, int Def, int Rep)> _columns = [];
    private readonly List<ParameterExpression> _variables = [];
    private readonly ParameterExpression _writers = Expression.Parameter(typeof(WrittenColumn[]), "columns");
    private readonly List<ParameterExpression> _writer = [];
    private readonly Stack<SchemaElement> _path = new();

    private ParquetShredder()
    {
        var shape = RecordShape.Of(typeof(T), "SaveAsParquetFileAsync");
        RecordMember[] members = [.. shape.Members.Where(static m => m.IsWritten)];
        var rows = Expression.Parameter(typeof(T[]), "rows");
        var count = Expression.Parameter(typeof(int), "count");
        var row = Variable(typeof(int));
        var element = Variable(typeof(T));
        _schema.Add(new SchemaElement("root", null, 0, Repetition.Required, members.Length, default));
        var each = new List<Expression> { Expression.Assign(element, Expression.ArrayIndex(rows, row)) };
        Members(element, members, shape.IsTuple, new Place(0, 0, Expression.Constant(0)), each);
        each.Add(Expression.PreIncrementAssign(row));
        var done = Expression.Label();
        Expression[] body =
        [
            .. _writer.Select((writer, i) => Expression.Assign(
                writer, Expression.Convert(Expression.ArrayIndex(_writers, Expression.Constant(i)), writer.Type))),
            Expression.Assign(row, Expression.Constant(0)),
            Expression.Loop(
                Expression.IfThenElse(Expression.LessThan(row, count), Expression.Block(each), Expression.Break(done)), done),
        ];
        Shred = Expression.Lambda<ParquetShred<T>>(Expression.Block([.. _variables, .. _writer], body), rows, count, _writers).Compile();
    }

    /// <exception cref="ArgumentException">The element type has a member that no column can hold.</exception>
    public static ParquetShredder<T> Instance => s_instance ??= Create();

    public ParquetShred<T> Shred { get; }

    /// <summary>The footer's lines.</summary>
    public IReadOnlyList<SchemaElement> Schema => _schema;

    public WrittenColumn[] CreateColumns() =>
        [.. _columns.Select(static column => column.Form.Create(column.Path, column.Def, column.Rep))];

    private static ParquetShredder<T> Create()
    {
        ParquetTypes.Check(typeof(T), "SaveAsParquetFileAsync", "write", isRead: false);
        return new ParquetShredder<T>();
    }

    private void Members(Expression owner, RecordMember[] members, bool isTuple, Place place, List<Expression> code)
    {
        foreach (var member in members)
        {
            Node(member.Name, Nullness.Of(member, isTuple), RecordShape.Get(owner, member), place, code);
        }
    }

    private void Node(string name, Nullness declared, Expression value, Place place, List<Expression> code)
    {
        var type = Nullable.GetUnderlyingType(declared.Type) ?? declared.Type;
        var repetition = declared.Allows ? Repetition.Optional : Repetition.Required;
        var there = declared.Allows ? place with { Def = place.Def + 1 } : place;
        var held = Variable(declared.Type);
        code.Add(Expression.Assign(held, value));
        Expression inner = type == declared.Type ? held : Expression.Property(held, "Value");
        var first = _columns.Count;
        var body = new List<Expression>();
        if (ParquetTypes.IsColumn(type))
        {
            Column(name, repetition, type, inner, there, body);
        }
        else if (ParquetTypes.PairOf(type) is { } pair)
        {
            var pairs = typeof(KeyValuePair<,>).MakeGenericType(pair.Key, pair.Value);
            Repeated(name, repetition, LogicalKind.Map, "key_value", 2, pairs, inner, there, body, (item, at, each) =>
            {
                Node("key", declared.Of(pair.Key, 0), Expression.Property(item, "Key"), at, each);
                Node("value", declared.Of(pair.Value, 1), Expression.Property(item, "Value"), at, each);
            });
        }
        else if (ParquetTypes.ItemOf(type) is { } itemType)
        {
            Repeated(name, repetition, LogicalKind.List, "list", 1, itemType, inner, there, body, (item, at, each) =>
                Node("element", declared.Of(itemType, 0), item, at, each));
        }
        else
        {
            var shape = RecordShape.Of(type, "SaveAsParquetFileAsync");
            RecordMember[] members = [.. shape.Members.Where(static m => m.IsWritten)];
            Push(new SchemaElement(name, null, 0, repetition, members.Length, default));
            Members(inner, members, shape.IsTuple, there, body);
            _path.Pop();
        }

        if (declared.Type.IsValueType && type == declared.Type)
        {
            code.AddRange(body);
            return;
        }

        var absent = new List<Expression>();
        if (declared.Allows)
        {
            Nulls(first, place, absent);
        }
        else
        {
            absent.Add(Expression.Call(_writer[first], nameof(WrittenColumn.Missing), null, Expression.Constant(Path(name))));
        }

        var isThere = type == declared.Type
            ? Expression.ReferenceNotEqual(held, Expression.Constant(null))
            : (Expression)Expression.Property(held, "HasValue");
        code.Add(Expression.IfThenElse(isThere, Expression.Block(body), Expression.Block(absent)));
    }

    private void Column(string name, Repetition repetition, Type type, Expression value, Place place, List<Expression> code)
    {
        var form = ColumnForm.Of(type);
        Push(new SchemaElement(name, form.Type, form.Length, repetition, 0, form.Logical));
        _columns.Add((form, [.. _path.Reverse()], place.Def, place.Rep));
        _path.Pop();
        var writer = Expression.Variable(typeof(WrittenColumn<>).MakeGenericType(form.Stored));
        _writer.Add(writer);
        code.Add(Expression.Call(writer, nameof(WrittenColumn<>.Add), null, form.Store(value), place.Repeated));
    }

    /// <summary>A list, or a map as a list of pairs.</summary>
    private void Repeated(
        string name, Repetition repetition, LogicalKind kind, string group, int children, Type itemType, Expression value, Place place,
        List<Expression> code, Action<Expression, Place, List<Expression>> item)
    {
        Push(new SchemaElement(name, null, 0, repetition, 1, new LogicalType(kind)));
        Push(new SchemaElement(group, null, 0, Repetition.Repeated, children, default));
        var first = _columns.Count;
        var listType = value.Type.IsArray ? value.Type : typeof(List<>).MakeGenericType(itemType);
        var list = Variable(listType);
        var count = Variable(typeof(int));
        var i = Variable(typeof(int));
        var repeated = Variable(typeof(int));
        code.Add(Expression.Assign(list, value.Type == listType ? value : Expression.New(
            listType.GetConstructor([typeof(IEnumerable<>).MakeGenericType(itemType)])!, value)));
        code.Add(Expression.Assign(count, listType.IsArray ? Expression.ArrayLength(list) : Expression.Property(list, "Count")));
        var rep = place.Rep + 1;
        var each = new List<Expression>();
        Expression at = listType.IsArray ? Expression.ArrayIndex(list, i) : Expression.Property(list, "Item", i);
        var held = Variable(itemType);
        each.Add(Expression.Assign(held, at));
        item(held, new Place(place.Def + 1, rep, repeated), each);
        each.Add(Expression.Assign(repeated, Expression.Constant(rep)));
        each.Add(Expression.PreIncrementAssign(i));
        _path.Pop();
        _path.Pop();
        var done = Expression.Label();
        var empty = new List<Expression>();
        Nulls(first, place, empty);
        code.Add(Expression.IfThenElse(
            Expression.Equal(count, Expression.Constant(0)),
            Expression.Block(empty),
            Expression.Block(
                Expression.Assign(repeated, place.Repeated),
                Expression.Assign(i, Expression.Constant(0)),
                Expression.Loop(
                    Expression.IfThenElse(Expression.LessThan(i, count), Expression.Block(each), Expression.Break(done)), done))));
    }

    // All columns below note how far down there was something.
    private void Nulls(int first, Place place, List<Expression> code)
    {
        for (var i = first; i < _columns.Count; i++)
        {
            code.Add(Expression.Call(_writer[i], nameof(WrittenColumn.Null), null, place.Repeated, Expression.Constant(place.Def)));
        }
    }

    private void Push(SchemaElement element)
    {
        _schema.Add(element);
        _path.Push(element);
    }

    private string Path(string name) => string.Join('.', _path.Reverse().Select(static element => element.Name).Append(name));

    private ParameterExpression Variable(Type type)
    {
        var variable = Expression.Variable(type);
        _variables.Add(variable);
        return variable;
    }

    /// <summary>How far down the code is.</summary>
    /// <param name="Def">The definition level of what is there.</param>
    /// <param name="Rep">How many lists are around it.</param>
    /// <param name="Repeated">The repetition level of the current item.</param>
    private readonly record struct Place(int Def, int Rep, Expression Repeated);
}

using System.Reflection;
using System.Reflection.Emit;

namespace MicroSpark.Ordering;

/// <summary>
/// Compares tuples, records and anonymous types field by field with each field's natural order, by a generated method: no boxing, and
/// primitives compare in place.
/// </summary>
internal sealed class FieldOrder<T> : IComparer<T>, IRankingOrder<T>
{
    private readonly FieldCompare _compare;
    private readonly object[] _orders;
    private readonly Func<Ranking<T>?>[] _rankings;

    /// <param name="fields">The fields, the most significant first.</param>
    /// <param name="orders">An <see cref="IComparer{T}"/> for each field.</param>
    public FieldOrder(FieldInfo[] fields, object[] orders)
    {
        _orders = orders;
        _compare = Generate(fields);
        _rankings = !typeof(T).IsValueType ? [] : [.. fields.Zip(orders, static (field, order) => (Func<Ranking<T>?>)typeof(FieldOrder)
            .GetMethod(nameof(FieldOrder.RankingOf))!.MakeGenericMethod(typeof(T), field.FieldType).Invoke(null, [field, order])!)];
    }

    private delegate int FieldCompare(object[] orders, ref T x, ref T y);

    public int Compare(T? x, T? y)
    {
        if (!typeof(T).IsValueType && (x is null || y is null))
        {
            return x is null ? y is null ? 0 : -1 : 1;
        }

        return _compare(_orders, ref x!, ref y!);
    }

    /// <summary>
    /// By the fields in turn, as far as they have ranks and there are bits for them. Objects may be null and are compared.
    /// </summary>
    public Ranking<T>? NewRanking()
    {
        Ranking<T>? all = null;
        foreach (var ranking in _rankings)
        {
            var next = ranking();
            if (all is null && next is null)
            {
                return null;
            }

            all = all is null ? next : new LevelRanking<T>(all, next);
            if (next is null)
            {
                break;
            }
        }

        return all;
    }

    private static FieldCompare Generate(FieldInfo[] fields)
    {
        var byRef = typeof(T).MakeByRefType();
        var method = new DynamicMethod(
            "Compare", typeof(int), [typeof(object[]), byRef, byRef], typeof(FieldOrder<T>).Module, skipVisibility: true);
        var il = method.GetILGenerator();
        var result = il.DeclareLocal(typeof(int));
        var done = il.DefineLabel();
        for (var i = 0; i < fields.Length; i++)
        {
            var type = fields[i].FieldType;
            var comparer = typeof(IComparer<>).MakeGenericType(type);
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldc_I4, i);
            il.Emit(OpCodes.Ldelem_Ref);
            Load(OpCodes.Ldarg_1, fields[i]);
            Load(OpCodes.Ldarg_2, fields[i]);
            il.Emit(OpCodes.Call, typeof(FieldOrder).GetMethod(nameof(FieldOrder.CompareField))!.MakeGenericMethod(type));
            il.Emit(OpCodes.Stloc, result);
            il.Emit(OpCodes.Ldloc, result);
            il.Emit(OpCodes.Brtrue, done);
        }

        il.MarkLabel(done);
        il.Emit(OpCodes.Ldloc, result);
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<FieldCompare>();

        void Load(OpCode argument, FieldInfo field)
        {
            il.Emit(argument);
            if (!typeof(T).IsValueType)
            {
                il.Emit(OpCodes.Ldind_Ref);
            }

            il.Emit(OpCodes.Ldfld, field);
        }
    }
}

internal static class FieldOrder
{
    /// <summary>One field of <see cref="FieldOrder{T}"/>: primitives in place, all else by the given order.</summary>
    public static int CompareField<F>(object order, F x, F y) =>
        typeof(F).IsPrimitive ? Comparer<F>.Default.Compare(x, y) : ((IComparer<F>)order).Compare(x, y);

    /// <summary>Makes rankings by one field.</summary>
    public static Func<Ranking<T>?> RankingOf<T, F>(FieldInfo field, object order)
    {
        var method = new DynamicMethod("Part", typeof(F), [typeof(T)], typeof(FieldOrder).Module, skipVisibility: true);
        var il = method.GetILGenerator();
        il.Emit(OpCodes.Ldarga_S, (byte)0);
        il.Emit(OpCodes.Ldfld, field);
        il.Emit(OpCodes.Ret);
        var partOf = method.CreateDelegate<Func<T, F>>();
        return () => Rankings.Of((IComparer<F>)order) is { } inner ? new PartRanking<T, F>(inner, partOf) : null;
    }
}

internal sealed class NullableOrder<T>(IComparer<T> inner) : IComparer<T?>, IRankingOrder<T?>
    where T : struct
{
    public int Compare(T? x, T? y) =>
        x.HasValue && y.HasValue ? inner.Compare(x.GetValueOrDefault(), y.GetValueOrDefault()) : x.HasValue.CompareTo(y.HasValue);

    public Ranking<T?>? NewRanking() => new LevelRanking<T?>(
        new PartRanking<T?, bool>(new NumberRanking<bool>(), static item => item.HasValue),
        Rankings.Of(inner) is { } value ? new PartRanking<T?, T>(value, static item => item.GetValueOrDefault()) : null);
}

internal sealed class OptionalOrder<T>(IComparer<T> inner) : IComparer<Optional<T>>
{
    public int Compare(Optional<T> x, Optional<T> y) =>
        x.HasValue && y.HasValue ? inner.Compare(x.Value, y.Value) : x.HasValue.CompareTo(y.HasValue);
}
